import avsc from 'avsc';

/** A contract's schema with our extra attributes, as JSON. */
export type Schema = Readonly<Record<string, unknown>>;

/**
 * Why data written with either schema can not be read with the other (Avro's FULL compatibility), and which of our own
 * promises the newer one breaks: topic, key, stream and kind stay, and what was personal stays encrypted. Empty = none.
 */
export function incompatibilities(older: Schema, newer: Schema): string[] {
  const found = [
    ...attributesThatChanged(older, newer),
    ...personalFieldsDropped(older, newer),
    ...typeChanges(older, newer, ''),
  ];
  if (found.length > 0) return found;
  return [
    unreadable(older, newer, 'data of the older schema'),
    unreadable(newer, older, 'data of the newer schema, by readers of the older'),
  ].filter((problem) => problem !== undefined);
}

const fixed = ['topic', 'key', 'stream', 'kind'];

function attributesThatChanged(older: Schema, newer: Schema): string[] {
  return fixed
    .filter((attribute) => older[attribute] !== newer[attribute])
    .map(
      (attribute) =>
        `its ${attribute} changed from ${JSON.stringify(older[attribute])} to ${JSON.stringify(newer[attribute])}`,
    );
}

function personalFieldsDropped(older: Schema, newer: Schema): string[] {
  const now = fieldsOf(newer);
  return [...fieldsOf(older).values()].flatMap((field) => {
    const name = String(field['name']);
    const current = now.get(name);
    if (field['pii'] === undefined || !current || current['pii'] === field['pii']) return [];
    const becomes = current['pii'] === undefined ? 'no longer pii' : `encrypted for ${JSON.stringify(current['pii'])}`;
    return [`field ${name}: it was pii of ${JSON.stringify(field['pii'])} and is ${becomes}`];
  });
}

/**
 * Our own words for the usual cases, and stricter than Avro in one: Avro reads a string as bytes and an int as a long,
 * which would change the type that handlers are compiled against.
 */
function typeChanges(older: unknown, newer: unknown, path: string): string[] {
  if (!isSchema(older) || !isSchema(newer)) return leafChange(older, newer, path);
  if (older['type'] !== newer['type']) return leafChange(older, newer, path);
  switch (older['type']) {
    case 'record':
      return recordChanges(older, newer, path);
    case 'array':
      return typeChanges(older['items'], newer['items'], `${path}[]`);
    case 'map':
      return typeChanges(older['values'], newer['values'], `${path}{}`);
    default:
      return [];
  }
}

function leafChange(older: unknown, newer: unknown, path: string): string[] {
  const before = labelOf(older);
  const after = labelOf(newer);
  if (Array.isArray(older) && Array.isArray(newer) && older.length === newer.length) {
    return older.flatMap((branch: unknown, index) => typeChanges(branch, newer[index] as unknown, path));
  }
  return before === after ? [] : [`field ${path}: its type changed from ${before} to ${after}`];
}

function recordChanges(older: Schema, newer: Schema, path: string): string[] {
  const before = fieldsOf(older);
  const after = fieldsOf(newer);
  const at = (name: string): string => (path ? `${path}.${name}` : name);
  const removed = [...before.values()]
    .filter((field) => !after.has(String(field['name'])) && field['default'] === undefined)
    .map((field) => `field ${at(String(field['name']))}: removed, and it has no default that older readers could take`);
  const added = [...after.values()]
    .filter((field) => !before.has(String(field['name'])) && field['default'] === undefined)
    .map((field) => `field ${at(String(field['name']))}: added without a default, so older data can not be read`);
  const changed = [...before].flatMap(([name, field]) => {
    const current = after.get(name);
    return current ? typeChanges(field['type'], current['type'], at(name)) : [];
  });
  return [...removed, ...added, ...changed];
}

function unreadable(writer: Schema, reader: Schema, what: string): string | undefined {
  try {
    typeOf(reader).createResolver(typeOf(writer));
    return undefined;
  } catch (error) {
    return `${what} can not be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function typeOf(schema: Schema): avsc.Type {
  return avsc.Type.forSchema(schema as unknown as avsc.Schema, { wrapUnions: false });
}

function fieldsOf(schema: Schema): ReadonlyMap<string, Schema> {
  const fields = Array.isArray(schema['fields']) ? schema['fields'].filter(isSchema) : [];
  return new Map(fields.map((field) => [String(field['name']), field]));
}

function labelOf(type: unknown): string {
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return `[${type.map(labelOf).join(', ')}]`;
  if (!isSchema(type)) return JSON.stringify(type);
  return typeof type['name'] === 'string' ? type['name'] : labelOf(type['type']);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
