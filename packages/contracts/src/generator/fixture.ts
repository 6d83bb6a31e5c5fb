import type { Problem } from './problem.js';
import { generate } from './generate.js';
import type { RawFile, Sources } from './sources.js';

/** A contract without a fault, as the JSON of its file. */
export const sound = {
  type: 'record',
  namespace: 'shop.v1',
  name: 'OrderPlaced',
  doc: 'An order was placed.',
  kind: 'event',
  topic: 'shop.events',
  stream: 'order',
  key: 'orderId',
  producer: 'shop',
  retention: 'forever',
  fields: [
    { name: 'orderId', type: 'string', doc: 'the order' },
    { name: 'buyerId', type: 'string', doc: 'the buyer' },
    {
      name: 'email',
      type: ['null', 'string'],
      default: null,
      doc: 'where to write to',
      pii: 'buyerId',
      prompt: 'masked',
    },
    { name: 'totalMinor', type: 'long', doc: 'minor units of the currency' },
  ],
} as const;

export type SchemaFiles = Readonly<Record<string, unknown>>;

/** The path of the sound contract. */
export const soundFile = 'schemas/shop/OrderPlaced.v1.avsc';

/** Sources with the sound contract; `files` adds schema files by path or replaces that one, an absent value removes it. */
export function sourcesOf(
  files: SchemaFiles = {},
  other: Partial<Record<'topics' | 'services' | 'manifest', string>> = {},
): Sources {
  const all: SchemaFiles = { [soundFile]: sound, ...files };
  return {
    schemas: Object.entries(all).flatMap(([file, content]) => (content === undefined ? [] : [rawFile(file, content)])),
    topics: { file: 'topics.yaml', text: other.topics ?? topicsYaml },
    services: { file: 'services.yaml', text: other.services ?? servicesYaml },
    manifest: { file: 'package.json', text: other.manifest ?? '{"exports":{"./*.v1":{},"./*.v2":{}}}' },
    baselines: [],
  };
}

/** The sound contract with some attributes changed; undefined removes one. */
export function changed(change: Readonly<Record<string, unknown>>): unknown {
  return { ...sound, ...change };
}

/** The sound contract with one more field. */
export function withField(field: Readonly<Record<string, unknown>>): unknown {
  return { ...sound, fields: [...sound.fields, field] };
}

/** What the generator says about the sound contract when it is replaced by `content`. */
export function problemsOf(content: unknown): readonly Problem[] {
  return generate(sourcesOf({ [soundFile]: content })).problems;
}

export const topicsYaml = `
defaults: { partitions: 6, cleanup: delete, retention: forever, maxMessageBytes: 262144 }
topics:
  shop.events: {}
  shop.commands: { partitions: 3, retention: 7d }
  '{service}.dead-letters': { partitions: 1, retention: 30d }
`;

export const servicesYaml = `
services:
  shop: { store: true, consumes: [shop.commands] }
  bank: { store: false, consumes: [] }
`;

function rawFile(file: string, content: unknown): RawFile {
  return { file, text: typeof content === 'string' ? content : JSON.stringify(content) };
}
