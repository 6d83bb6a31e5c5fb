/** A decoded value as JSON can hold it: bytes as text for people (base64 when they are no text), as base64 for programs. */
export function readable(value: unknown, forPeople: boolean): unknown {
  if (value instanceof Uint8Array)
    return bytes(Buffer.from(value.buffer, value.byteOffset, value.byteLength), forPeople);
  if (Array.isArray(value)) return value.map((entry) => readable(entry, forPeople));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, readable(entry, forPeople)]));
}

function bytes(buffer: Buffer, forPeople: boolean): string {
  const text = buffer.toString('utf8');
  return forPeople && !text.includes('\uFFFD') ? text : buffer.toString('base64');
}

/** Text of others for the terminal: without the control characters that could steer it. */
export function harmless(text: string): string {
  return text.replaceAll(/[\p{Cc}]/gu, (character) => (character === '\n' || character === '\t' ? character : '�'));
}
