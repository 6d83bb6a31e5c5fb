import type { AvroShape } from '../avro-shape.js';
import type { Kind, PromptRule } from '../contract.js';
import type { Problem } from './problem.js';

/** A schema file that was parsed and whose name says which contract it holds; what is in it may still be anything. */
export interface ContractSource {
  /** relative to packages/contracts: `schemas/payments/PaymentFailed.v1.avsc` */
  readonly file: string;
  readonly domain: string;
  readonly name: string;
  readonly version: number;
  readonly schema: Readonly<Record<string, unknown>>;
}

/** What a contract may refer to. */
export interface Topology {
  /** as written in topics.yaml, `{service}` included */
  readonly topics: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
}

/** A rule about one contract by itself. */
export type ContractRule = (source: ContractSource, topology: Topology) => Problem[];

/** A schema that passed every rule. */
export interface ContractSchema {
  readonly type: 'record';
  readonly namespace: string;
  readonly name: string;
  readonly doc: string;
  readonly kind: Kind;
  readonly topic: string;
  readonly stream: string;
  readonly key: string;
  readonly producer?: string;
  readonly producers?: readonly string[];
  readonly retention: string;
  readonly repeats?: { readonly max: number; readonly reason: string };
  readonly fields: readonly ContractField[];
}

export interface ContractField {
  readonly name: string;
  readonly type: AvroShape;
  readonly doc: string;
  readonly default?: unknown;
  readonly pii?: string;
  readonly prompt?: PromptRule;
}

/** Only after the rules passed. */
export function schemaOf(source: ContractSource): ContractSchema {
  return source.schema as unknown as ContractSchema;
}

/** The services named in `producer` and `producers`, whatever else is wrong with them. */
export function producersOf(schema: Readonly<Record<string, unknown>>): readonly string[] {
  const listed = Array.isArray(schema['producers']) ? (schema['producers'] as unknown[]) : [];
  const all = schema['producer'] === undefined ? listed : [schema['producer'], ...listed];
  return all.filter((name) => typeof name === 'string');
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}
