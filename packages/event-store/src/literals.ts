/**
 * Postgres array literals. The store sends a group as one array per column, JSON columns as one JSON array: escaping
 * JSON into an array literal doubles its quotes and cost more than everything else.
 */

/** Of text: quoted and escaped. Null elements are not allowed here. */
export function textArray(values: readonly string[]): string {
  let literal = '{';
  for (let index = 0; index < values.length; index++) {
    literal += (index === 0 ? '"' : ',"') + escaped(values[index]!) + '"';
  }
  return literal + '}';
}

/** Of text; null is SQL null. */
export function nullableTextArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'null' : `"${escaped(value)}"`)).join(',')}}`;
}

/** Of values that need no quotes: numbers, UUIDs, days, instants; null is SQL null. */
export function plainArray(values: readonly (number | string | null)[]): string {
  return `{${values.map((value) => value ?? 'null').join(',')}}`;
}

/** Of bytes. */
export function bytesArray(values: readonly Buffer[]): string {
  return hexArray(values.map((bytes) => bytes.toString('hex')));
}

/** Of bytes that are hexadecimal already. */
export function hexArray(values: readonly string[]): string {
  return values.length === 0 ? '{}' : `{"\\\\x${values.join('","\\\\x')}"}`;
}

function escaped(value: string): string {
  return /["\\]/.test(value) ? value.replace(/["\\]/g, '\\$&') : value;
}
