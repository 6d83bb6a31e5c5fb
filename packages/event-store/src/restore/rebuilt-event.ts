import type { Contract } from '@towpath/contracts/contract';
import type { Taint } from '@towpath/contracts/taint';
import { digestOf } from '../chain.js';
import type { DomainEvent, Metadata } from '../types.js';

/** What a record says of an event beside its data, from its headers. */
export interface RecordAttributes {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly time: Date;
  readonly correlationId: string;
  readonly causationId: string;
  readonly hops: number;
  readonly path: readonly string[];
  readonly traceparent?: string;
  readonly tracestate?: string;
  readonly late?: true;
  readonly taint?: Taint;
  readonly agent?: string;
  readonly proof?: string;
  /** SHA-256 of the event as its store had it, hexadecimal */
  readonly digest: string;
}

/**
 * The event that a store appended, from the record that carries it; undefined when no event of these parts has the digest, so that
 * the record is not what the store held. Two things are tried: whether the decision was a late one, which older relays did not say, and
 * whether fields that have their default value were written; of an event from before its contract had them the last ones were not.
 * @param data in JSON form, personal data encrypted
 */
export function rebuildEvent(
  record: RecordAttributes,
  contract: Pick<Contract, 'schema'>,
  data: object,
): DomainEvent | undefined {
  const { id, type, stream, time } = record;
  const wanted = Buffer.from(record.digest, 'hex');
  for (const candidate of candidates(contract, data)) {
    for (const metadata of metadataOf(record)) {
      const event: DomainEvent = { id, type, stream, data: candidate, metadata, occurredAt: time };
      if (digestOf(event).equals(wanted)) return event;
    }
  }
  return undefined;
}

function metadataOf({
  correlationId,
  causationId,
  hops,
  path,
  traceparent,
  tracestate,
  late,
  taint,
  agent,
  proof,
}: RecordAttributes): Metadata[] {
  const metadata: Metadata = {
    ...{ correlationId, causationId, hops, path, handler: handlerOf(path) },
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(tracestate === undefined ? {} : { tracestate }),
    ...(taint === undefined ? {} : { taint }),
    ...(agent === undefined ? {} : { agent }),
    ...(proof === undefined ? {} : { proof }),
  };
  const lateOne = { ...metadata, late: true };
  return late ? [lateOne] : [metadata, lateOne];
}

/** The last step of a path is of the handler that decided; see `stepOf` of the pipeline. */
function handlerOf(path: readonly string[]): string {
  const last = path.at(-1) ?? '';
  return last.slice(0, Math.max(0, last.lastIndexOf('@')));
}

interface FieldWithDefault {
  readonly name: string;
  readonly default?: unknown;
}

/** The data as they came, without any defaults, and without those of the last field, the last two, and so on: fields are added at the end. */
function* candidates({ schema }: Pick<Contract, 'schema'>, data: object): Generator<object> {
  const { fields = [] } = schema as { fields?: readonly FieldWithDefault[] };
  yield data;
  yield fields.reduce(withoutDefault, data);
  let earlier = data;
  for (const field of fields.toReversed()) {
    const left = withoutDefault(earlier, field);
    if (left === earlier) return;
    earlier = left;
    yield earlier;
  }
}

function withoutDefault(data: object, field: FieldWithDefault): object {
  const { [field.name]: value, ...left } = data as Record<string, unknown>;
  return 'default' in field && JSON.stringify(value) === JSON.stringify(field.default) ? left : data;
}
