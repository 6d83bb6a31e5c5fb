import type { JsonSchema } from './chat-wire.js';

/** Chooses the value of a place that the schema leaves open; undefined leaves it to the schema. */
export type Choose = (path: readonly string[], schema: JsonSchema) => unknown;

const DEPTH_MAX = 20;

/** A value that a JSON Schema allows: the smallest one, but for what `choose` decides. Enough for what zod writes. */
export function instanceOf(
  schema: JsonSchema,
  choose: Choose = () => undefined,
  path: readonly string[] = [],
): unknown {
  const chosen = choose(path, schema);
  if (chosen !== undefined) return chosen;
  if (path.length > DEPTH_MAX) return null;
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0] as unknown;
  const [alternative] = (schema['anyOf'] ?? schema['oneOf'] ?? []) as readonly JsonSchema[];
  return alternative === undefined ? ofType(schema, choose, path) : instanceOf(alternative, choose, path);
}

function ofType(schema: JsonSchema, choose: Choose, path: readonly string[]): unknown {
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'object':
      return objectOf(schema, choose, path);
    case 'array':
      return itemsOf(schema, choose, path);
    case 'string':
      return 'x'.repeat(Math.max(1, numberOf(schema['minLength'], 1)));
    case 'integer':
    case 'number':
      return numberOf(schema['minimum'], numberOf(schema['exclusiveMinimum'], -1) + 1);
    case 'boolean':
      return false;
    default:
      return null;
  }
}

function objectOf(schema: JsonSchema, choose: Choose, path: readonly string[]): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, instanceOf(inner, choose, [...path, name])]),
  );
}

function itemsOf(schema: JsonSchema, choose: Choose, path: readonly string[]): unknown[] {
  const items = (schema['items'] ?? {}) as JsonSchema;
  const wanted = Math.max(numberOf(schema['minItems'], 0), choose([...path, '0'], items) === undefined ? 0 : 1);
  return Array.from({ length: wanted }, (_, index) => instanceOf(items, choose, [...path, String(index)]));
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
