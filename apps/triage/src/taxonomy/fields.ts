/** Thrown when a body lacks what its type promises; becomes the refusal BODY_INVALID with this message. */
export class BodyInvalid extends Error {}

export type Fields = Readonly<Record<string, unknown>>;

/** The object at `name`, or an empty one; providers leave out and null their optional parts at will. */
export function fieldsAt(fields: Fields, name: string): Fields {
  const value = fields[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function textAt(fields: Fields, name: string): string | null {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

const CODE = /^[A-Za-z0-9_.:-]{1,128}$/;

/** A code of the provider, such as `card_declined`, or an id. Anything else may name a person, who could not be erased from it. */
export function codeAt(fields: Fields, name: string): string | null {
  return asCode(textAt(fields, name));
}

/** The text when it is a code. */
export function asCode(value: string | null): string | null {
  return value !== null && CODE.test(value) ? value : null;
}

export function requiredCode(fields: Fields, name: string): string {
  const value = codeAt(fields, name);
  if (value === null) throw new BodyInvalid(`${name} must be a code: letters, digits and _.:- only`);
  return value;
}

export function requiredText(fields: Fields, name: string): string {
  const value = textAt(fields, name);
  if (value === null) throw new BodyInvalid(`${name} must be a non-empty text`);
  return value;
}

export function requiredWhole(fields: Fields, name: string): number {
  const value = fields[name];
  if (!Number.isSafeInteger(value)) throw new BodyInvalid(`${name} must be a whole number`);
  return value as number;
}

/** The whole number at `name`, within bounds. */
export function wholeBetween(fields: Fields, name: string, min: number, max: number): number {
  const value = requiredWhole(fields, name);
  if (value < min || value > max) throw new BodyInvalid(`${name} must be from ${min} to ${max}`);
  return value;
}

/** The code of ISO 4217 at `currency`, upper case. */
export function requiredCurrency(fields: Fields): string {
  const code = requiredText(fields, 'currency').toUpperCase();
  if (!/^[A-Z]{3}$/.test(code)) throw new BodyInvalid('currency must be a code of ISO 4217');
  return code;
}

/** Seconds since the epoch as milliseconds; null when absent. */
export function secondsAt(fields: Fields, name: string): number | null {
  const value = fields[name];
  return Number.isSafeInteger(value) ? (value as number) * 1000 : null;
}

/** What is at `name` as JSON text; null when absent. */
export function jsonAt(fields: Fields, name: string, charsMax: number): string | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(value);
  if (text.length > charsMax) throw new BodyInvalid(`${name} must be at most ${charsMax} characters of JSON`);
  return text;
}

/** The id of a part that providers send either as an id or expanded as the whole object. */
export function idAt(fields: Fields, name: string): string | null {
  return textAt(fields, name) ?? textAt(fieldsAt(fields, name), 'id');
}

/** An RFC 3339 time as milliseconds; the fallback when it is absent. */
export function timeAt(fields: Fields, name: string, fallback: number): number {
  const value = textAt(fields, name);
  if (value === null) return fallback;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new BodyInvalid(`${name} must be an RFC 3339 time`);
  return time;
}
