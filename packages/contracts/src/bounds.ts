import { visitShape, type AvroShape, type ShapeVisitor } from './avro-shape.js';

/** Walks one value in `buffer` from `position` and gives the position after it; throws when it runs out of bytes. */
export type Walk = (buffer: Buffer, position: number) => number;

/**
 * A check to make before decoding values that hold arrays or maps; undefined for the rest. The decoder takes an item
 * count on trust, so that five crafted bytes end the process for want of memory; every item has at least one byte, so
 * the count can be held against what is left.
 */
export function boundsOf(schema: AvroShape): Walk | undefined {
  return /"(items|values)":/.test(JSON.stringify(schema)) ? visitShape(schema, walker) : undefined;
}

const walker: ShapeVisitor<Walk> = {
  primitive: (name) => primitives[name] ?? skipLong,
  array: (items) => (buffer, position) => blocks(buffer, position, items),
  map: (values) => (buffer, position) => blocks(buffer, position, (at, start) => values(at, skipKey(at, start))),
  record: (fields) => {
    const walks = fields.flatMap(({ result }) => (result ? [result] : []));
    return (buffer, position) => walks.reduce((at, walk) => walk(buffer, at), position);
  },
  nullable: (inner) => (buffer, position) => {
    const [branch, at] = readLong(buffer, position);
    return branch === 1 ? inner(buffer, at) : at;
  },
};

const primitives: Readonly<Record<string, Walk>> = {
  string: skipText,
  bytes: skipText,
  boolean: (buffer, position) => inside(buffer, position + 1),
  float: (buffer, position) => inside(buffer, position + 4),
  double: (buffer, position) => inside(buffer, position + 8),
  null: (_buffer, position) => position,
};

function blocks(buffer: Buffer, start: number, item: Walk): number {
  let [count, position] = readLong(buffer, start);
  while (count !== 0) {
    if (count < 0) [, position] = readLong(buffer, position);
    const items = Math.abs(count);
    if (items > buffer.length - position) throw new Error(`${items} items in ${buffer.length - position} bytes`);
    for (let index = 0; index < items; index += 1) position = item(buffer, position);
    [count, position] = readLong(buffer, position);
  }
  return position;
}

function skipLong(buffer: Buffer, position: number): number {
  return readLong(buffer, position)[1];
}

function skipText(buffer: Buffer, position: number): number {
  const [length, at] = readLong(buffer, position);
  if (length < 0) throw new Error('a negative length');
  return inside(buffer, at + length);
}

/** The decoder assigns map entries one by one, and this key would replace the prototype of the map instead. */
function skipKey(buffer: Buffer, position: number): number {
  const end = skipText(buffer, position);
  if (buffer.toString('latin1', skipLong(buffer, position), end) === '__proto__')
    throw new Error('a map key __proto__');
  return end;
}

/** A zig-zag varint of at most 10 bytes; exact up to 53 bits, which is more than any buffer is long. */
function readLong(buffer: Buffer, position: number): [value: number, next: number] {
  let raw = 0;
  let scale = 1;
  for (let index = 0; index < 10; index += 1) {
    const byte = buffer[position + index];
    if (byte === undefined) throw new Error('truncated buffer');
    raw += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) return [raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2, position + index + 1];
  }
  throw new Error('a number of more than 10 bytes');
}

function inside(buffer: Buffer, position: number): number {
  if (position > buffer.length) throw new Error('truncated buffer');
  return position;
}
