import { schemaOf, type ContractSource } from '@towpath/contracts/generator/contract-source';
import type { Context } from '../context.js';
import { readWorkingTree, typeOf } from './working-tree.js';

export interface ListOptions {
  readonly kind?: string;
  readonly topic?: string;
  /** a service that may produce it */
  readonly producer?: string;
  /** only those with personal data */
  readonly pii?: boolean;
}

/** What the list says of a contract. */
export interface ListedContract {
  readonly type: string;
  readonly kind: string;
  readonly topic: string;
  readonly stream: string;
  readonly key: string;
  /** empty: any service */
  readonly producers: readonly string[];
  readonly retention: string;
  /** names of the fields that are encrypted */
  readonly pii: readonly string[];
  readonly doc: string;
}

/** Shows every contract of the working tree that the options let through, in order of type. */
export function listContracts(context: Context, options: ListOptions): void {
  const listed = readWorkingTree().contracts.map(listedOf).filter(passing(options)).sort(byType);
  const width = Math.max(0, ...listed.map(({ type }) => type.length));
  for (const one of listed) context.show(lineOf(one, width, context), one);
  context.note(`${listed.length} contracts`);
}

export function listedOf(source: ContractSource): ListedContract {
  const { kind, topic, stream, key, producer, producers, retention, fields, doc } = schemaOf(source);
  return {
    type: typeOf(source),
    kind,
    topic,
    stream,
    key,
    producers: producers ?? (producer === undefined ? [] : [producer]),
    retention,
    pii: fields.filter(({ pii }) => pii !== undefined).map(({ name }) => name),
    doc,
  };
}

function passing({ kind, topic, producer, pii }: ListOptions) {
  return (one: ListedContract): boolean =>
    (kind === undefined || one.kind === kind) &&
    (topic === undefined || one.topic === topic) &&
    (producer === undefined || one.producers.length === 0 || one.producers.includes(producer)) &&
    (pii !== true || one.pii.length > 0);
}

function lineOf({ type, kind, topic, producers, retention, pii }: ListedContract, width: number, context: Context) {
  const { colors } = context;
  const parts = [
    colors.bold(type.padEnd(width)),
    kind.padEnd(8),
    (kind === 'internal' ? 'not published' : topic).padEnd(24),
    `from ${producers.join(', ') || 'any service'}`.padEnd(16),
    `kept ${retention}`,
    ...(pii.length > 0 ? [colors.yellow(`pii ${pii.join(', ')}`)] : []),
  ];
  return parts.join('  ');
}

function byType(one: ListedContract, other: ListedContract): number {
  return one.type < other.type ? -1 : 1;
}
