const CHARACTERS_MAX = 255;

/** `value` when it can be an id or a key everywhere — 1 to 255 characters, no U+0000, no lone surrogate — else null. */
export function storableText(value: unknown): string | null {
  if (typeof value !== 'string' || value.length === 0 || value.length > CHARACTERS_MAX) return null;
  return value.includes('\u0000') || !value.isWellFormed() ? null : value;
}
