import type { AvroShape } from './avro-shape.js';

/** Where bytes stop being a value of a schema. */
export interface AvroFault {
  /** such as `signals[2].points`; empty for what stands after the whole value */
  readonly field: string;
  /** offset of the first byte that doesn't fit, from the start of the Avro value */
  readonly byte: number;
  readonly reason: string;
}

/**
 * The first place at which `buffer` is not one whole value of `schema` (Avro 1.12, "Binary encoding"); undefined when it is.
 * Slower than decoding: it is for explaining what could not be decoded.
 */
export function faultOf(schema: object, buffer: Buffer): AvroFault | undefined {
  const reader = new Reader(buffer);
  try {
    reader.value(schema as AvroShape, '');
    if (reader.at === buffer.length) return undefined;
    const left = buffer.length - reader.at;
    return { field: '', byte: reader.at, reason: `${left} bytes are left after the whole value` };
  } catch (error) {
    if (error instanceof Misfit) return { field: error.field, byte: error.byte, reason: error.message };
    throw error;
  }
}

class Misfit extends Error {
  constructor(
    readonly field: string,
    readonly byte: number,
    reason: string,
  ) {
    super(reason);
  }
}

const LONG_BYTES_MAX = 10;
const FIXED_BYTES: Readonly<Record<string, number>> = { null: 0, boolean: 1, float: 4, double: 8 };

type Named = Exclude<AvroShape, string | readonly AvroShape[]> & {
  readonly symbols?: readonly string[];
  readonly size?: number;
};

/** Walks one value; throws a Misfit at the first byte that doesn't fit. */
class Reader {
  at = 0;
  private readonly named = new Map<string, Named>();

  constructor(private readonly buffer: Buffer) {}

  value(shape: AvroShape, field: string): void {
    if (typeof shape === 'string') return this.simple(shape, field);
    if (isUnion(shape)) return this.union(shape, field);
    this.complex(shape, field);
  }

  private simple(name: string, field: string): void {
    const definition = this.named.get(name);
    if (definition) return this.complex(definition, field);
    if (name === 'string' || name === 'bytes') return this.text(name, field);
    const bytes = FIXED_BYTES[name];
    if (bytes === undefined) return void this.long(name, field);
    if (name === 'boolean' && (this.buffer[this.at] ?? 0) > 1) {
      throw new Misfit(field, this.at, `a boolean is 0 or 1, this byte is ${this.buffer[this.at]}`);
    }
    this.take(bytes, name, field);
  }

  private complex(shape: Named, field: string): void {
    if (shape.name !== undefined) this.named.set(shape.name, shape);
    if (shape.type === 'record') {
      for (const { name, type } of shape.fields ?? []) this.value(type, field ? `${field}.${name}` : name);
    } else if (shape.type === 'array') this.blocks(field, (item) => this.value(shape.items!, item));
    else if (shape.type === 'map')
      this.blocks(field, (item) => (this.text('string', `${item} (key)`), this.value(shape.values!, item)));
    else if (shape.type === 'enum') this.enumeration(shape.symbols ?? [], field);
    else if (shape.type === 'fixed') this.take(shape.size ?? 0, 'fixed', field);
    else this.value(shape.type, field);
  }

  private union(branches: readonly AvroShape[], field: string): void {
    const start = this.at;
    const branch = this.long('branch of a union', field);
    const shape = branches[branch];
    if (shape === undefined) {
      throw new Misfit(field, start, `branch ${branch} of a union that has ${branches.length}`);
    }
    this.value(shape, field);
  }

  private enumeration(symbols: readonly string[], field: string): void {
    const start = this.at;
    const index = this.long('index of an enum', field);
    if (symbols[index] === undefined) {
      throw new Misfit(field, start, `symbol ${index} of an enum that has ${symbols.length}`);
    }
  }

  private blocks(field: string, item: (field: string) => void): void {
    let read = 0;
    for (;;) {
      const start = this.at;
      const count = this.long('count of items', field);
      if (count === 0) return;
      if (count < 0) this.long('length of a block', field);
      if (Math.abs(count) > this.buffer.length - this.at) {
        throw new Misfit(
          field,
          start,
          `${Math.abs(count)} items, but only ${this.buffer.length - this.at} bytes are left`,
        );
      }
      for (let index = 0; index < Math.abs(count); index += 1) item(`${field}[${read++}]`);
    }
  }

  private text(name: string, field: string): void {
    const start = this.at;
    const length = this.long(`length of ${name}`, field);
    if (length < 0) throw new Misfit(field, start, `${name} of the negative length ${length}`);
    this.take(length, name, field, start);
  }

  private take(bytes: number, name: string, field: string, start = this.at): void {
    const left = this.buffer.length - this.at;
    if (bytes > left) throw new Misfit(field, start, `${name} needs ${bytes} bytes, ${left} are left`);
    this.at += bytes;
  }

  /** A zig-zag varint. Exact up to 53 bits, which is more than any length. */
  private long(what: string, field: string): number {
    const start = this.at;
    let raw = 0;
    for (let index = 0; index < LONG_BYTES_MAX; index += 1) {
      const byte = this.buffer[this.at];
      if (byte === undefined) throw new Misfit(field, start, `${what} ends in the middle: no bytes are left`);
      this.at += 1;
      raw += (byte & 0x7f) * 128 ** index;
      if (byte < 0x80) return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
    }
    throw new Misfit(field, start, `${what} has more than ${LONG_BYTES_MAX} bytes`);
  }
}

function isUnion(shape: AvroShape): shape is readonly AvroShape[] {
  return Array.isArray(shape);
}
