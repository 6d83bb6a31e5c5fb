import avsc from 'avsc';
import { isObject, isText, type ContractRule, type ContractSource, type Topology } from './contract-source.js';
import type { Problem } from './problem.js';
import { producersExist, producersFitKind } from './producer-rules.js';

export const contractRules: readonly ContractRule[] = [
  attributesAreKnown,
  nameMatchesFile,
  namespaceMatchesFile,
  hasDoc,
  kindIsKnown,
  producersFitKind,
  producersExist,
  topicExists,
  streamIsNamed,
  keyIsStringField,
  retentionIsReadable,
  repeatsHaveAReason,
];

const attributes = 'type namespace name doc kind topic stream key producer producers retention repeats fields'.split(
  ' ',
);
const kinds = ['event', 'command', 'platform', 'internal'];

function attributesAreKnown({ file, schema }: ContractSource): Problem[] {
  return Object.keys(schema)
    .filter((attribute) => !attributes.includes(attribute))
    .map((attribute) => ({
      file,
      problem: `unknown attribute "${attribute}"`,
      fix: `remove it; a contract has ${attributes.join(', ')}`,
    }));
}

function nameMatchesFile({ file, name, schema }: ContractSource): Problem[] {
  if (schema['name'] === name) return [];
  return [
    {
      file,
      problem: `its name is ${shown(schema['name'])}, its file says ${name}`,
      fix: `set "name": "${name}", or rename the file`,
    },
  ];
}

function namespaceMatchesFile({ file, domain, version, schema }: ContractSource): Problem[] {
  const expected = `${domain}.v${version}`;
  if (schema['namespace'] === expected) return [];
  return [
    {
      file,
      problem: `its namespace is ${shown(schema['namespace'])}, its folder and file say ${expected}`,
      fix: `set "namespace": "${expected}", or move the file`,
    },
  ];
}

function hasDoc({ file, schema }: ContractSource): Problem[] {
  if (isText(schema['doc'])) return [];
  return [
    { file, problem: 'it has no doc', fix: 'add "doc": one sentence that says what happened or what is asked for' },
  ];
}

function kindIsKnown({ file, schema }: ContractSource): Problem[] {
  if (kinds.includes(schema['kind'] as string)) return [];
  return [{ file, problem: `unknown kind ${shown(schema['kind'])}`, fix: `set "kind" to one of ${kinds.join(', ')}` }];
}

function topicExists({ file, schema }: ContractSource, { topics }: Topology): Problem[] {
  if (typeof schema['topic'] === 'string' && topics.has(schema['topic'])) return [];
  return [
    {
      file,
      problem: `unknown topic ${shown(schema['topic'])}`,
      fix: `add it to topics.yaml, or name one of ${[...topics].join(', ')}`,
    },
  ];
}

function streamIsNamed({ file, schema }: ContractSource): Problem[] {
  if (typeof schema['stream'] === 'string' && /^[a-z][a-z0-9-]*$/.test(schema['stream'])) return [];
  return [
    {
      file,
      problem: `its stream is ${shown(schema['stream'])}`,
      fix: 'set "stream" to the aggregate it belongs to, lower case with dashes, such as "payment"',
    },
  ];
}

function keyIsStringField({ file, schema }: ContractSource): Problem[] {
  const key = schema['key'];
  const fields = Array.isArray(schema['fields']) ? schema['fields'].filter(isObject) : [];
  const field = fields.find((candidate) => candidate['name'] === key);
  if (key === undefined || !field) {
    const names = fields.filter((candidate) => candidate['type'] === 'string').map((candidate) => candidate['name']);
    return [
      {
        file,
        problem: key === undefined ? 'it has no key' : `its key ${shown(key)} is none of its fields`,
        fix: `set "key" to a string field (${names.join(', ') || 'there is none: add one'})`,
      },
    ];
  }
  if (field['type'] !== 'string') {
    return [
      {
        file,
        problem: `its key ${JSON.stringify(key)} is not a string`,
        fix: `make "type": "string" of it, without null: the Kafka key is text`,
      },
    ];
  }
  if (field['pii'] === undefined) return [];
  return [
    {
      file,
      problem: `its key ${JSON.stringify(key)} is pii, and a Kafka key is never encrypted`,
      fix: 'key it by an id that names nobody',
    },
  ];
}

function retentionIsReadable({ file, schema }: ContractSource): Problem[] {
  if (isRetention(schema['retention'])) return [];
  return [
    {
      file,
      problem: `its retention is ${shown(schema['retention'])}`,
      fix: 'set "retention" to "forever" or to days, such as "90d"',
    },
  ];
}

/** The loop guard takes 5 by itself; a chain has at most 64 steps. */
function repeatsHaveAReason({ file, schema }: ContractSource): Problem[] {
  const { repeats } = schema;
  if (repeats === undefined) return [];
  const fits = isObject(repeats) && Object.keys(repeats).every((name) => name === 'max' || name === 'reason');
  const max = fits ? repeats['max'] : undefined;
  if (
    Number.isInteger(max) &&
    Number(max) > 5 &&
    Number(max) <= 64 &&
    isText((repeats as Record<string, unknown>)['reason'])
  ) {
    return [];
  }
  return [
    {
      file,
      problem: `its repeats are ${shown(repeats)}`,
      fix: 'set "repeats": { "max": 6 to 64, "reason": "why its chain may come back so often" }, or remove it for the usual 5',
    },
  ];
}

/** Avro's own word, asked last: defaults that do not fit, types defined twice. Its messages are the least clear. */
export function isValidAvro({ file, schema }: ContractSource): Problem[] {
  try {
    avsc.Type.forSchema(schema as unknown as avsc.Schema, { wrapUnions: false });
    return schema['type'] === 'record' ? [] : [{ file, problem: 'it is not a record', fix: 'set "type": "record"' }];
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return [{ file, problem: `Avro refuses it: ${cause}`, fix: 'correct the type, name or default that it names' }];
  }
}

/** `forever` or whole days from 1. */
export function isRetention(value: unknown): value is string {
  return typeof value === 'string' && /^(forever|[1-9][0-9]{0,4}d)$/.test(value);
}

/** A JSON value for a message; absent values are said in words. */
export function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
