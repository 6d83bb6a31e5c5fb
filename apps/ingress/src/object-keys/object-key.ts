import { storableText } from '../storable-text.js';

/** Any JSON object; nothing may be assumed about what is in it. */
export type Json = Readonly<Record<string, unknown>>;

/** The id of the provider's object that a delivery is about, or null when the body names none. Never throws. */
export type ObjectKeyOf = (body: Json) => string | null;

/** `value` when it is a JSON object, else an empty one: lets a path be followed through any JSON. */
export function objectAt(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/** The id in `value`: itself, or the `id` of an expanded object. */
export function idAt(value: unknown): string | null {
  return storableText(value) ?? storableText(objectAt(value)['id']);
}
