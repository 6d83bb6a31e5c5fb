import { visitShape, type AvroShape } from './avro-shape.js';

/** Rewrites a value and everything in it; null and absent values stay. */
export type Rewrite = (value: unknown) => unknown;

export interface JsonForm {
  readonly toJson: Rewrite;
  readonly fromJson: Rewrite;
}

/** How values of a schema turn into JSON and back; undefined when they are JSON already, which is so without bytes. */
export function jsonFormOf(schema: AvroShape): JsonForm | undefined {
  const toJson = compile(schema, (value) => (Buffer.isBuffer(value) ? value.toString('base64') : value));
  const fromJson = compile(schema, (value) => (typeof value === 'string' ? Buffer.from(value, 'base64') : value));
  return toJson && fromJson ? { toJson, fromJson } : undefined;
}

function compile(schema: AvroShape, bytes: Rewrite): Rewrite | undefined {
  return visitShape<Rewrite>(schema, {
    primitive: (name) => (name === 'bytes' || name === 'fixed' ? bytes : undefined),
    array: (items) => (value) => (Array.isArray(value) ? value.map(items) : value),
    map: (values) => (value) => {
      if (!isObject(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, values(entry)]));
    },
    record: (fields) => {
      const changing = fields.flatMap(({ name, result }) => (result ? [{ name, rewrite: result }] : []));
      if (changing.length === 0) return undefined;
      return (value) => {
        if (!isObject(value)) return value;
        const copy = { ...value };
        for (const { name, rewrite } of changing) if (name in copy) copy[name] = rewrite(copy[name]);
        return copy;
      };
    },
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
