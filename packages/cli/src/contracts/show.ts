import { isDeepStrictEqual } from 'node:util';
import type { Contract } from '@towpath/contracts/contract';
import { schemaOf, type ContractSource } from '@towpath/contracts/generator/contract-source';
import { listFields, type ListedField } from '@towpath/contracts/generator/field-list';
import { fileFromRoot } from '@towpath/contracts/generator/problem';
import { services } from '@towpath/contracts/topics';
import { subjectsOf } from '@towpath/kafka/registry';
import type { Context } from '../context.js';
import { failureOf } from '../error-line.js';
import { registryOf } from '../follow-topics.js';
import { setupTargets } from '../setup-targets.js';
import { listedOf, type ListedContract } from './list.js';
import { readWorkingTree, typeNamed, typeOf } from './working-tree.js';

/** What the registry says of a contract: the id of each subject, or why there is none. */
interface Registered {
  readonly subject: string;
  readonly schemaId?: number;
  /** whether what it holds is what the file says */
  readonly same?: boolean;
  readonly problem?: string;
}

/** Shows one contract whole: where it travels, who sends and reads it, its fields, its schema id. */
export async function showContract(context: Context, name: string): Promise<void> {
  const { contracts } = readWorkingTree();
  const type = typeNamed(name, contracts.map(typeOf));
  const source = contracts.find((one) => typeOf(one) === type)!;
  const listed = listedOf(source);
  const fields = listFields(schemaOf(source).fields);
  const readers = readersOf(listed);
  const registered = listed.kind === 'internal' ? [] : await registeredAs(context, source);
  const file = fileFromRoot(source.file);
  context.show(textOf({ listed, fields, readers, registered, file }, context), {
    ...listed,
    file,
    readers,
    registered,
    fields,
  });
}

/** Services that read a topic it travels on; whether a handler of theirs takes the type is their code's. */
function readersOf({ kind, topic }: ListedContract): string[] {
  if (kind === 'internal') return [];
  const suffix = topic.replace('{service}', '');
  const travels = (name: string): boolean => name === topic || (topic !== suffix && name.endsWith(suffix));
  return services()
    .filter(({ consumes }) => consumes.some(travels))
    .map(({ name }) => name);
}

async function registeredAs({ home }: Context, source: ContractSource): Promise<Registered[]> {
  const registry = registryOf(setupTargets(home));
  const stores = services()
    .filter(({ store }) => store)
    .map(({ name }) => name);
  const { type, topic } = listedOf(source);
  return Promise.all(
    subjectsOf({ type, topic } as Contract, stores).map(async (subject) => {
      try {
        const found = await registry.latest(subject);
        if (!found) return { subject, problem: 'not registered; run `towpath setup`' };
        return { subject, schemaId: found.schemaId, same: isDeepStrictEqual(found.schema, source.schema) };
      } catch (error) {
        return { subject, problem: failureOf(error).message };
      }
    }),
  );
}

interface Shown {
  readonly listed: ListedContract;
  readonly fields: readonly ListedField[];
  readonly readers: readonly string[];
  readonly registered: readonly Registered[];
  readonly file: string;
}

function textOf({ listed, fields, readers, registered, file }: Shown, { colors }: Context): string {
  const { type, kind, topic, stream, key, producers, retention, doc } = listed;
  const row = (name: string, text: string): string => `  ${colors.dim(name.padEnd(9))} ${text}`;
  return [
    `${colors.bold(type)}  ${kind}`,
    `  ${doc}`,
    row('topic', kind === 'internal' ? 'none: stored and hashed, never published' : topic),
    row('key', `${key}, stream ${stream}-<${key}>`),
    row('from', producers.join(', ') || 'any service'),
    ...(kind === 'internal' ? [] : [row('read by', readers.join(', ') || 'no service yet')]),
    row('kept', retention),
    ...registered.map((one) => row('registry', registryText(one))),
    row('file', file),
    '',
    ...fieldLines(fields).map(
      ([name, fieldType, meaning]) => `  ${colors.bold(name)}  ${colors.dim(fieldType)}  ${meaning}`,
    ),
  ].join('\n');
}

function registryText({ subject, schemaId, same, problem }: Registered): string {
  if (problem !== undefined) return `${subject}: ${problem}`;
  const differs = same ? '' : '; it holds another version than the file: see `towpath contracts diff`';
  return `${subject} has schema id ${schemaId}${differs}`;
}

function fieldLines(fields: readonly ListedField[]): (readonly [string, string, string])[] {
  const widths = [
    Math.max(...fields.map(({ path }) => path.length)),
    Math.max(...fields.map(({ type }) => type.length)),
  ];
  return fields.map(({ path, type, doc, default: fallback, pii, prompt }) => {
    const notes = [
      ...(fallback === undefined ? [] : [`default ${JSON.stringify(fallback)}`]),
      ...(pii === undefined ? [] : [`personal data of ${pii}`]),
      ...(prompt === undefined ? [] : [`models: ${prompt}`]),
    ];
    const meaning = notes.length > 0 ? `${doc} (${notes.join('; ')})` : doc;
    return [path.padEnd(widths[0]!), type.padEnd(widths[1]!), meaning] as const;
  });
}
