import { visitShape, type AvroShape } from './avro-shape.js';

/** Says what is wrong with a value, as `<path>: <problem>`; undefined when nothing is. */
export type Refuse = (value: unknown, path: string) => string | undefined;

/**
 * What Avro takes and we don't, because it would differ between Postgres and Kafka: a field the schema does not have
 * would be left out silently, and NaN and the infinities have no JSON form.
 */
export function strictnessOf(schema: AvroShape): Refuse {
  return visitShape<Refuse>(schema, { primitive, array, map, record }) ?? (() => undefined);
}

function primitive(name: string): Refuse | undefined {
  if (name !== 'double' && name !== 'float') return undefined;
  return (value, path) =>
    typeof value === 'number' && !Number.isFinite(value)
      ? `${path}: expected a finite number, got ${value}`
      : undefined;
}

function array(items: Refuse): Refuse {
  return (value, path) => {
    if (!Array.isArray(value)) return undefined;
    for (const [index, item] of value.entries()) {
      const problem = items(item, `${path}[${index}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function map(values: Refuse): Refuse {
  return (value, path) => {
    if (typeof value !== 'object' || value === null) return undefined;
    for (const [key, entry] of Object.entries(value)) {
      const problem = values(entry, `${path}[${JSON.stringify(key)}]`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function record(fields: readonly { readonly name: string; readonly result: Refuse | undefined }[]): Refuse {
  const names = new Set(fields.map(({ name }) => name));
  const checked = fields.flatMap(({ name, result }) => (result ? [{ name, refuse: result }] : []));
  return (value, path) => {
    if (typeof value !== 'object' || value === null) return undefined;
    for (const key in value) {
      if (!names.has(key))
        return `${joined(path, key)}: the contract has no such field; add it to the schema with a default, or drop it`;
    }
    for (const { name, refuse } of checked) {
      const problem = refuse((value as Record<string, unknown>)[name], joined(path, name));
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
