import { shown } from './contract-rules.js';
import { isObject, isText, type ContractRule, type ContractSource } from './contract-source.js';
import type { Problem } from './problem.js';

type Found = Omit<Problem, 'file'>;
type Raw = Readonly<Record<string, unknown>>;

/** Where a type stands: the fields around it, a path for messages, and the named types that enclose or precede it. */
interface Place {
  readonly path: string;
  readonly nested: boolean;
  readonly enclosing: readonly string[];
  readonly defined: Set<string>;
}

/** Every rule about fields, those of nested records included. */
export const fieldRule: ContractRule = (source: ContractSource) => {
  const name = String(source.schema['name']);
  const place: Place = { path: '', nested: false, enclosing: [name], defined: new Set([name]) };
  return fieldsProblems(source.schema, place).map((found) => ({ file: source.file, ...found }));
};

const primitives = ['string', 'long', 'int', 'double', 'boolean', 'bytes'];
const prompts = ['never', 'masked', 'allowed'];

function fieldsProblems(record: Raw, place: Place): Found[] {
  if (!Array.isArray(record['fields']) || record['fields'].length === 0) {
    return [{ problem: `${place.path || 'it'} has no fields`, fix: 'add "fields": [{ "name", "type", "doc" }, …]' }];
  }
  const siblings = record['fields'].filter(isObject);
  return siblings.flatMap((field) => {
    const at = { ...place, path: place.path ? `${place.path}.${String(field['name'])}` : String(field['name']) };
    return [
      ...unknownAttributes(field, at, 'name type doc default pii prompt', 'field'),
      ...nameProblems(field, at),
      ...docProblems(field, at, 'field'),
      ...piiProblems(field, siblings, at),
      ...promptProblems(field, at),
      ...typeProblems(field['type'], at),
    ];
  });
}

function nameProblems(field: Raw, { path }: Place): Found[] {
  if (typeof field['name'] === 'string' && /^[a-z][A-Za-z0-9]*$/.test(field['name'])) return [];
  return [
    { problem: `field ${path}: its name is not camelCase`, fix: 'name it like amountMinor: letters and digits only' },
  ];
}

function docProblems(thing: Raw, { path }: Place, word: string): Found[] {
  if (isText(thing['doc'])) return [];
  return [{ problem: `${word} ${path}: it has no doc`, fix: `add "doc" with its meaning and, for a number, its unit` }];
}

function piiProblems(field: Raw, siblings: readonly Raw[], { path, nested }: Place): Found[] {
  const pii = field['pii'];
  if (pii === undefined) return [];
  if (nested) {
    return [
      {
        problem: `field ${path}: pii inside a nested record is not encrypted`,
        fix: 'move the field to the top level of the contract',
      },
    ];
  }
  const subject = siblings.find((sibling) => sibling['name'] === pii);
  const found: Found[] = [];
  if (!subject || subject['type'] !== 'string' || subject['pii'] !== undefined) {
    const names = siblings.filter((sibling) => sibling['type'] === 'string' && sibling['pii'] === undefined);
    found.push({
      problem: `field ${path}: pii names ${shown(pii)}, which is no field of type string beside it`,
      fix: `set "pii" to the field with the id of the person it is about (${names.map((sibling) => sibling['name']).join(', ')})`,
    });
  }
  if (!isStringOrNull(field['type'])) {
    found.push({
      problem: `field ${path}: a pii field holds ciphertext, so it is text`,
      fix: 'set "type" to "string" or ["null", "string"], or drop "pii"',
    });
  }
  return found;
}

function promptProblems(field: Raw, { path, nested }: Place): Found[] {
  if (field['prompt'] === undefined) return [];
  if (nested)
    return [
      {
        problem: `field ${path}: prompt stands on a nested field`,
        fix: 'put it on the field of the contract that holds the record',
      },
    ];
  if (prompts.includes(field['prompt'] as string)) return [];
  return [
    {
      problem: `field ${path}: unknown prompt rule ${shown(field['prompt'])}`,
      fix: `set "prompt" to one of ${prompts.join(', ')}`,
    },
  ];
}

function typeProblems(type: unknown, place: Place): Found[] {
  if (typeof type === 'string') return namedTypeProblems(type, place);
  if (Array.isArray(type)) return unionProblems(type, place);
  if (!isObject(type)) return [unsupported(type, place)];
  switch (type['type']) {
    case 'array':
      return [
        ...unknownAttributes(type, place, 'type items', 'array'),
        ...typeProblems(type['items'], { ...place, path: `${place.path}[]` }),
      ];
    case 'map':
      return [
        ...unknownAttributes(type, place, 'type values', 'map'),
        ...typeProblems(type['values'], { ...place, path: `${place.path}{}` }),
      ];
    case 'enum':
      return [
        ...unknownAttributes(type, place, 'type name doc symbols default', 'enum'),
        ...docProblems(type, place, 'enum'),
      ];
    case 'record':
      return nestedRecordProblems(type, place);
    default:
      return [unsupported(type, place)];
  }
}

function nestedRecordProblems(type: Raw, place: Place): Found[] {
  const name = String(type['name']);
  place.defined.add(name);
  const inside = { ...place, nested: true, enclosing: [...place.enclosing, name] };
  return [
    ...unknownAttributes(type, place, 'type name doc fields', 'record'),
    ...docProblems(type, place, 'record'),
    ...fieldsProblems(type, inside),
  ];
}

function namedTypeProblems(name: string, place: Place): Found[] {
  if (primitives.includes(name)) return [];
  if (place.enclosing.includes(name)) {
    return [
      {
        problem: `field ${place.path}: ${name} contains itself`,
        fix: 'give it a bounded shape: a list of ids, or a level of its own',
      },
    ];
  }
  return place.defined.has(name) ? [] : [unsupported(name, place)];
}

function unionProblems(union: readonly unknown[], place: Place): Found[] {
  if (union.length === 2 && union[0] === 'null' && union[1] !== 'null') return typeProblems(union[1], place);
  return [
    {
      problem: `field ${place.path}: a union is ["null", X], this is ${shown(union)}`,
      fix: 'put null first and one type after it; for several shapes use several fields or contracts',
    },
  ];
}

/** float is left out because its value in JSON and its value in Avro differ; fixed and logical types have no JSON form of ours. */
function unsupported(type: unknown, { path }: Place): Found {
  return {
    problem: `field ${path}: type ${shown(type)} is not supported`,
    fix: `use ${primitives.join(', ')}, an array, a map, an enum, a record, or ["null", one of these]`,
  };
}

function unknownAttributes(thing: Raw, { path }: Place, known: string, word: string): Found[] {
  const names = known.split(' ');
  return Object.keys(thing)
    .filter((attribute) => !names.includes(attribute))
    .map((attribute) => ({
      problem: `${word} ${path}: unknown attribute "${attribute}"`,
      fix: `remove it; a ${word} has ${names.join(', ')}`,
    }));
}

function isStringOrNull(type: unknown): boolean {
  return (
    type === 'string' || (Array.isArray(type) && type.length === 2 && type.includes('null') && type.includes('string'))
  );
}
