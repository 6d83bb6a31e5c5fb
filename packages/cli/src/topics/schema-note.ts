import { all } from '@towpath/contracts/catalogue';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import type { Registry } from '@towpath/kafka/registry';
import { fileOf } from '@towpath/kafka/registry-answers';
import { unframe } from '@towpath/kafka/wire';
import { errorLine } from '../error-line.js';

/** What a record was written with. */
export interface SchemaNote {
  /** as its value says; undefined when it has no schema header */
  readonly schemaId: number | undefined;
  /** contract that the registry has under this id; undefined when it has none, or does not answer */
  readonly type: string | undefined;
  /** the contract's file; undefined when this version has no such contract */
  readonly file: string | undefined;
  /** services that own it; empty for a contract that any service may append */
  readonly owner: readonly string[] | undefined;
  /** what does not fit: no such id, another contract than `ce_type` says */
  readonly problem: string | undefined;
}

/** From the schema id in the value to the contract's file and its owner, whether or not the value can be decoded. */
export async function schemaNoteOf(
  { value, type: said }: Pick<InspectedRecord, 'value' | 'type'>,
  registry: Pick<Registry, 'schemaOf'>,
): Promise<SchemaNote | undefined> {
  if (value === null) return undefined;
  const schemaId = schemaIdIn(value);
  const nothing = { schemaId, type: undefined, file: undefined, owner: undefined };
  if (schemaId === undefined) return { ...nothing, problem: 'the value does not begin with a schema id' };
  try {
    const { type } = await registry.schemaOf(schemaId);
    const contract = all().find((one) => one.type === type);
    const problem = said === '' || said === type ? undefined : `ce_type says ${said}`;
    return { schemaId, type, file: contract && fileOf(contract), owner: contract?.producers, problem };
  } catch (error) {
    return { ...nothing, problem: errorLine(error) };
  }
}

/** `schema id 12 → packages/contracts/schemas/fraud/PaymentApproved.v1.avsc, from fraud`. */
export function schemaNoteText({ schemaId, type, file, owner, problem }: SchemaNote): string {
  const id = schemaId === undefined ? 'no schema id' : `schema id ${schemaId}`;
  const contract = file ?? (type === undefined ? undefined : `${type}, which this version has no contract of`);
  const from = owner === undefined ? '' : `, from ${owner.join(', ') || 'any service'}`;
  return `${id}${contract === undefined ? '' : ` → ${contract}`}${from}${problem === undefined ? '' : `; ${problem}`}`;
}

function schemaIdIn(value: Buffer): number | undefined {
  try {
    return unframe(value).schemaId;
  } catch {
    return undefined;
  }
}
