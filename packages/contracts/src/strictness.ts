import { visitShape, type AvroShape, type VisitedField } from './avro-shape.js';

/** Says what is wrong with a value, as `<path>: <problem>`; undefined when nothing is. */
export type Refuse = (value: unknown, path: string) => string | undefined;

/**
 * What Avro takes and we don't, because it would differ between Postgres and Kafka: a field the schema does not have
 * would be left out silently, NaN and the infinities have no JSON form, no reader gets the map key `__proto__`, and large
 * longs come back as other numbers.
 */
export function strictnessOf(schema: AvroShape): Refuse {
  return visitShape(schema, { primitive, array, map, record }) ?? accept;
}

/** Known by identity, so that whole lists and fields of such values are not walked. */
const accept: Refuse = () => undefined;

/**
 * avsc 5.7.9 doubles a long in floating point: beyond this it silently writes and reads another number, of the other
 * sign even, although JavaScript is exact up to 2^53. So the range is halved, in both directions.
 */
const longMax = 2 ** 52 - 1;

function primitive(name: string): Refuse {
  if (name === 'long') return beyondLong;
  return name === 'double' ? infinite : accept;
}

function beyondLong(value: unknown, path: string): string | undefined {
  if (typeof value !== 'number' || (value <= longMax && value >= -longMax) || !Number.isInteger(value))
    return undefined;
  return `${path}: expected a long within ±(2^52 - 1), got an integer beyond it`;
}

function infinite(value: unknown, path: string): string | undefined {
  if (typeof value !== 'number' || Number.isFinite(value)) return undefined;
  return `${path}: expected a finite number, got ${value}`;
}

function array(items: Refuse): Refuse {
  if (items === accept) return accept;
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
    if (Object.hasOwn(value, '__proto__')) return `${path}: no reader can take the map key __proto__; rename it`;
    if (values === accept) return undefined;
    for (const [key, entry] of Object.entries(value)) {
      const problem = values(entry, `${path}{${key}}`);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

function record(fields: readonly VisitedField<Refuse>[]): Refuse {
  const names = new Set(fields.map(({ name }) => name));
  const checked = fields.flatMap(({ name, result }) => (result && result !== accept ? [{ name, refuse: result }] : []));
  return (value, path) => {
    if (typeof value !== 'object' || value === null) return undefined;
    for (const key in value) {
      if (!names.has(key))
        return `${joined(path, key)}: no such field; add it to the schema with a default, or drop it`;
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
