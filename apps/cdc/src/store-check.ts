import type pg from 'pg';
import { differences, publishedEventOf, type Difference, type PublishedEvent } from '@towpath/event-store/published';
import type { PartitionExtent } from '@towpath/kafka/admin';
import type { TopicRanges } from '@towpath/kafka/inspect';
import type { Logger } from '@towpath/service-kit/logger';
import type { Lease } from './lease.js';
import { loadMarks, storeMarks, type PublishedMarks } from './published-marks.js';
import type { RelayTopics } from './relay-topics.js';

/** A stream of which topics hold more than its store. */
export interface StreamAhead {
  readonly topic: string;
  readonly schema: string;
  readonly stream: string;
  /** versions that are missing or diverged: the first, the last, and how many of each */
  first: number;
  last: number;
  missing: number;
  diverged: number;
}

/** What topics hold and the stores do not. */
export interface Gap {
  readonly events: number;
  /** of them, those in whose place the store has something else */
  readonly diverged: number;
  /** events by topic */
  readonly topics: Readonly<Record<string, number>>;
  /** at most 1,000 */
  readonly streams: readonly StreamAhead[];
}

/** The database was set back: publishing from it would give other events under the places of those that are out. */
export class StoreBehind extends Error {
  readonly code = 'STORE_BEHIND_TOPICS';

  constructor(readonly gap: Gap) {
    const topics = Object.entries(gap.topics).map(([topic, events]) => `${topic} ${events}`);
    super(
      `STORE_BEHIND_TOPICS: the topics hold ${gap.events} events that the stores do not (${topics.join(', ')}), ` +
        `${gap.diverged} of them in places that the stores gave to others: the database was set back. Nothing is published. ` +
        'Stop the services; `towpath relay status` names the streams, `towpath doctor restore --dry-run` says what can be put back.',
    );
    this.name = 'StoreBehind';
  }
}

export interface StoreCheck {
  readonly pool: pg.Pool;
  readonly lease: Lease;
  readonly slot: string;
  readonly publication: string;
  readonly topics: RelayTopics;
  readonly logger: Pick<Logger, 'info'>;
}

const chunkEvents = 1_000;
const streamsMax = 1_000;

/**
 * Holds what the topics got since the last mark against the stores, unless this very database wrote the mark: then
 * nothing can have set it back, and a takeover is not kept waiting.
 * @throws StoreBehind when topics hold what the stores do not; stores the gap for `towpath relay status`
 */
export async function checkStore(check: StoreCheck): Promise<void> {
  const { pool, lease, slot, topics } = check;
  const marks = await loadMarks(pool, slot);
  if (marks.current) return;
  const extents = await topics.extents();
  const gap = await gapSince(check, marks, extents);
  if (gap.events > 0) {
    await lease.whileHeld(
      pool,
      `insert into cdc.progress (slot, lsn, behind) select $3, '0/0', $4::jsonb from held
       on conflict (slot) do update set behind = excluded.behind returning 1`,
      [slot, gap],
    );
    throw new StoreBehind(gap);
  }
  if (!marks.sameCluster) check.logger.info({ slot }, 'relay.other_cluster: what was safe there says nothing here');
  await storeMarks(pool, lease, slot, extents, !marks.sameCluster);
}

async function gapSince(
  check: StoreCheck,
  { offsets }: PublishedMarks,
  extents: readonly PartitionExtent[],
): Promise<Gap> {
  const tally = new Tally();
  const schemas = await storesOf(check);
  const chunks = new Map<string, PublishedEvent[]>();
  for await (const { topic, headers } of check.topics.headersIn(unseenOf(extents, offsets))) {
    const event = publishedEventOf(headers);
    // Of a store that is not this database's: another installation's, in tests.
    if (event === undefined || !schemas.has(event.schema)) continue;
    const chunk = chunks.get(topic) ?? [];
    chunks.set(topic, chunk);
    if (chunk.push(event) < chunkEvents) continue;
    chunks.delete(topic);
    await tallyChunk(check.pool, topic, chunk, tally);
  }
  for (const [topic, chunk] of chunks) await tallyChunk(check.pool, topic, chunk, tally);
  return tally.gap();
}

/** From the marks to where the topics end now. */
function unseenOf(extents: readonly PartitionExtent[], offsets: PublishedMarks['offsets']): TopicRanges {
  const unseen = new Map<string, Map<number, { start: bigint; end: bigint }>>();
  for (const { topic, partition, low, high } of extents) {
    const mark = offsets[topic]?.[partition];
    // Retention may have deleted what comes after the mark.
    const start = mark === undefined || BigInt(mark) < BigInt(low) ? BigInt(low) : BigInt(mark);
    if (start >= BigInt(high)) continue;
    const ranges = unseen.get(topic) ?? new Map<number, { start: bigint; end: bigint }>();
    unseen.set(topic, ranges.set(partition, { start, end: BigInt(high) }));
  }
  return unseen;
}

async function tallyChunk(pool: pg.Pool, topic: string, chunk: readonly PublishedEvent[], tally: Tally): Promise<void> {
  for (const schema of new Set(chunk.map((event) => event.schema))) {
    const own = chunk.filter((event) => event.schema === schema);
    for (const [event, difference] of await differences(pool, schema, own)) tally.add(topic, event, difference);
  }
}

/** Repeats count once as long as their stream is remembered in full. */
class Tally {
  private readonly streams = new Map<string, StreamAhead & { readonly seen: Set<number> }>();
  private readonly topics: Record<string, number> = {};
  private events = 0;
  private diverged = 0;

  add(topic: string, { schema, stream, version }: PublishedEvent, difference: Difference): void {
    const key = `${schema}\n${stream}`;
    let ahead = this.streams.get(key);
    if (ahead?.seen.has(version)) return;
    this.events += 1;
    this.topics[topic] = (this.topics[topic] ?? 0) + 1;
    if (difference === 'diverged') this.diverged += 1;
    if (!ahead) {
      if (this.streams.size === streamsMax) return;
      const seen = new Set<number>();
      this.streams.set(
        key,
        (ahead = { topic, schema, stream, first: version, last: version, missing: 0, diverged: 0, seen }),
      );
    }
    ahead.seen.add(version);
    ahead.first = Math.min(ahead.first, version);
    ahead.last = Math.max(ahead.last, version);
    ahead[difference] += 1;
  }

  gap(): Gap {
    const streams = [...this.streams]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, { seen: _seen, ...ahead }]) => ahead);
    return { events: this.events, diverged: this.diverged, topics: this.topics, streams };
  }
}

async function storesOf({ pool, publication }: StoreCheck): Promise<Set<string>> {
  const { rows } = await pool.query<{ schema: string }>(
    "select schemaname as schema from pg_publication_tables where pubname = $1 and tablename = 'events'",
    [publication],
  );
  return new Set(rows.map(({ schema }) => schema));
}
