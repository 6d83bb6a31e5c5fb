import type { Connections } from './connection.js';
import type { Claim, HeldDepth, HeldMessage, HeldRecord, HeldStore, HeldWrite, Lane, NewHeld } from './held-types.js';
import { plainArray, textArray } from './literals.js';
import { bytesOf, timeOf } from './rows.js';

/** A change as `commit_group` takes it. */
export function heldValue(write: HeldWrite): object {
  return write.kind === 'add' ? flat(write) : withFailure(write);
}

function flat({ record, failure, fingerprint, ...held }: NewHeld): object {
  const { key, value, headers, otherHeaders = [], timestamp, ...place } = record;
  return {
    ...held,
    ...place,
    fingerprint: fingerprint.toString('base64'),
    producedAt: new Date(timestamp).toISOString(),
    key: key?.toString('base64') ?? null,
    value: value?.toString('base64') ?? null,
    headers: headersText({ headers, otherHeaders }),
    failures: failure ? 1 : 0,
    code: failure?.code ?? null,
    place: failure?.place ?? null,
  };
}

function withFailure(write: Exclude<HeldWrite, NewHeld>): object {
  if (write.kind !== 'failed') return write;
  const { failure, ...rest } = write;
  return { ...rest, ...failure };
}

const columns = `seq, fence, lane, order_key, handler, event_id, fingerprint, type, correlation_id, origin, topic, partition,
  record_offset, extract(epoch from produced_at) * 1000, record_key, record_value, record_headers, attempts, first_failed_at, lost`;

/** Leases and looks at messages that wait, by the database's clock: replicas whose clocks differ agree. */
export function heldStore(connections: Connections, schema: string): Omit<HeldStore, 'onHeld'> {
  return {
    async claimRetries({ consumer, limit, leaseMs, owner }) {
      const text = `select ${columns} from ${schema}.claim_retries($1, $2, $3, $4) order by next_at, seq`;
      return (await connections.run({ name: 'claim_retries', text }, [consumer, limit, leaseMs, owner])).map(messageOf);
    },
    async claimWork({ consumer, free, leaseMs, owner }) {
      const text = `select ${columns} from ${schema}.claim_work($1, $2, $3, $4, $5) order by next_at, seq`;
      const values = [consumer, textArray([...free.keys()]), plainArray([...free.values()]), leaseMs, owner];
      return (await connections.run({ name: 'claim_work', text }, values)).map(messageOf);
    },
    async claimStrays({ consumer, others, types, olderMs, limit, leaseMs, owner }) {
      const text = `select ${columns} from ${schema}.claim_strays($1, $2, $3, $4, $5, $6) order by next_at, seq`;
      const values = [textArray([consumer, ...others]), textArray(types), olderMs, limit, leaseMs, owner];
      return (await connections.run({ name: 'claim_strays', text }, values)).map(messageOf);
    },
    async extendHeld(claims, leaseMs) {
      const text = `select extend_held from ${schema}.extend_held($1, $2, $3)`;
      const rows = await connections.run({ name: 'extend_held', text }, [...arraysOf(claims), leaseMs]);
      return new Set(rows.map((row) => row[0]!));
    },
    async releaseHeld(claims) {
      const text = `select ${schema}.release_held($1, $2)`;
      await connections.run({ name: 'release_held', text }, arraysOf(claims));
    },
    async nextRetryMs(consumer) {
      const text = nextDue(schema, "lane = 'inline'");
      return msOf(await connections.run({ name: 'next_retry', text }, [consumer]));
    },
    async nextWorkMs(consumer, types) {
      const text = nextDue(schema, "lane = 'queued' and type = any($2::text[])");
      return msOf(await connections.run({ name: 'next_work', text }, [consumer, textArray(types)]));
    },
    async heldDepths() {
      const text = `select lane, count(*), extract(epoch from clock_timestamp() - min(held_at)) from ${schema}.held group by lane`;
      const rows = await connections.run({ name: 'held_depths', text }, []);
      return rows.map(([lane, messages, oldest]): HeldDepth => {
        return { lane: lane as Lane, messages: Number(messages), oldestSeconds: Number(oldest) };
      });
    },
  };
}

/** What is due by now is leased, but for what became so just now: of the rest the first by the index. */
function nextDue(schema: string, which: string): string {
  const heads = `from ${schema}.held where consumer = $1 and ${which} and head and stopped_by is null`;
  return `select ceil(1000 * extract(epoch from least(
      (select min(coalesce(leased_until, next_at)) ${heads} and next_at <= now()),
      (select min(next_at) ${heads} and next_at > now())) - clock_timestamp()))::bigint`;
}

function msOf([row]: readonly (readonly (string | null)[])[]): number | undefined {
  return row?.[0] == null ? undefined : Math.max(0, Number(row[0]));
}

function arraysOf(claims: readonly Claim[]): string[] {
  return [plainArray(claims.map(({ seq }) => seq)), plainArray(claims.map(({ fence }) => fence))];
}

function messageOf(row: readonly (string | null)[]): HeldMessage {
  const text = (column: number) => row[column] ?? '';
  const bytes = (column: number) => (row[column] == null ? null : bytesOf(row[column]));
  return {
    seq: text(0),
    fence: text(1),
    lane: text(2) as Lane,
    orderKey: text(3),
    handler: text(4),
    eventId: text(5),
    fingerprint: bytesOf(text(6)),
    type: text(7),
    correlationId: text(8),
    origin: text(9) as HeldMessage['origin'],
    record: {
      topic: text(10),
      partition: Number(text(11)),
      offset: text(12),
      timestamp: Number(text(13)),
      key: bytes(14),
      value: bytes(15),
      ...headersIn(text(16)),
    },
    attempts: Number(text(17)),
    firstFailedAt: row[18] == null ? null : timeOf(row[18]),
    lost: Number(text(19)),
  };
}

type HeldHeaders = Pick<HeldRecord, 'headers' | 'otherHeaders'>;
/** Base64 by name; null for a header without a value. */
type HeadersText = Record<string, string | (string | null)[]>;

/** A name with one value has a string, as nearly every header; any other a list, whose last counts unless it is null. */
function headersText({ headers, otherHeaders }: Required<HeldHeaders>): HeadersText {
  const lists = new Map<string, (string | null)[]>();
  for (const [name, value] of otherHeaders)
    lists.set(name, [...(lists.get(name) ?? []), value?.toString('base64') ?? null]);
  const texts: HeadersText = Object.fromEntries(lists);
  for (const [name, value] of Object.entries(headers)) {
    const text = value.toString('base64');
    const others = lists.get(name);
    texts[name] = others ? [...others, text] : text;
  }
  return texts;
}

function headersIn(text: string): HeldHeaders {
  const headers: Record<string, Buffer> = {};
  const otherHeaders: [string, Buffer | null][] = [];
  for (const [name, value] of Object.entries(JSON.parse(text) as HeadersText)) {
    const values = typeof value === 'string' ? [value] : [...value];
    const last = values.at(-1);
    if (typeof last === 'string') headers[name] = Buffer.from(values.pop()!, 'base64');
    for (const one of values) otherHeaders.push([name, one === null ? null : Buffer.from(one, 'base64')]);
  }
  return { headers, ...(otherHeaders.length > 0 && { otherHeaders }) };
}
