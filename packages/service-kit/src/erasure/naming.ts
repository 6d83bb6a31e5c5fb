const TOKEN = /[A-Za-z0-9_-]/;

/**
 * Whether the bytes, text or an Avro value, say one of the names as a whole: `cus_1` is not said by `cus_12`. In an Avro value the byte after a
 * text belongs to the next field and may look like a part of the name; there the length in front of the text tells.
 */
export function saysOneOf(bytes: Buffer, names: readonly Buffer[]): boolean {
  return names.some((name) => {
    for (let at = bytes.indexOf(name); at !== -1; at = bytes.indexOf(name, at + 1)) {
      if (endsThere(bytes, at + name.length) || isAvroText(bytes, at, name.length)) return true;
    }
    return false;
  });
}

function endsThere(bytes: Buffer, end: number): boolean {
  return end === bytes.length || !TOKEN.test(String.fromCharCode(bytes[end]!));
}

/** Avro 1.12, "Binary encoding": a string is its length as a zig-zag varint, then its bytes. */
function isAvroText(bytes: Buffer, start: number, length: number): boolean {
  const zigZag = length * 2;
  const prefix = zigZag < 128 ? [zigZag] : [(zigZag & 0x7f) | 0x80, zigZag >> 7];
  return start >= prefix.length && prefix.every((byte, index) => bytes[start - prefix.length + index] === byte);
}
