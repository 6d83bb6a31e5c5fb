import { isDeepStrictEqual } from 'node:util';
import type { Schema } from '@towpath/contracts/compatibility';
import type { ContractField } from '@towpath/contracts/generator/contract-source';
import { listFields, type ListedField } from '@towpath/contracts/generator/field-list';

/** One thing that two schemas say differently. */
export interface SchemaChange {
  /** an attribute such as `topic`, or `field <path>`, or `<property> of field <path>` */
  readonly what: string;
  /** absent: only the newer has it */
  readonly before?: unknown;
  /** absent: only the older has it */
  readonly after?: unknown;
}

/** What a reader of the older schema finds changed in the newer one: its attributes, then field by field. Empty = nothing. */
export function schemaChanges(older: Schema, newer: Schema): SchemaChange[] {
  const attributes = unionOf(Object.keys(older), Object.keys(newer)).filter((name) => name !== 'fields');
  return [
    ...attributes.flatMap((name) => change(name, older[name], newer[name])),
    ...fieldChanges(fieldsOf(older), fieldsOf(newer)),
  ];
}

function fieldChanges(
  older: ReadonlyMap<string, ListedField>,
  newer: ReadonlyMap<string, ListedField>,
): SchemaChange[] {
  return unionOf([...older.keys()], [...newer.keys()]).flatMap((path) => {
    const [before, after] = [older.get(path), newer.get(path)];
    if (!before || !after) return change(`field ${path}`, before && summaryOf(before), after && summaryOf(after));
    return PROPERTIES.flatMap((name) => change(`${name} of field ${path}`, before[name], after[name]));
  });
}

const PROPERTIES = ['type', 'default', 'pii', 'prompt', 'doc'] as const;

function change(what: string, before: unknown, after: unknown): SchemaChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  return [{ what, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function summaryOf({ path: _path, doc: _doc, ...rest }: ListedField): object {
  return rest;
}

function fieldsOf({ fields }: Schema): ReadonlyMap<string, ListedField> {
  return new Map(listFields((fields ?? []) as readonly ContractField[]).map((field) => [field.path, field]));
}

function unionOf(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}
