import { contractOf } from '@towpath/contracts/catalogue';
import { subjectsOf } from '@towpath/event-store/cipher';
import { publishedEventOf, type Difference, type PublishedEvent } from '@towpath/event-store/published';
import type { Restorer } from '@towpath/event-store/restore/restorer';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import { eventOf, type Decoding, type RecordEvent } from './record-event.js';
import { StreamState, type Fate } from './stream-state.js';

/** An event that stays out of its store for now, and why. */
export interface LeftOut {
  readonly topic: string;
  readonly schema: string;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  /** who has to see to it */
  readonly by: 'decided-again' | 'person';
  readonly code: string;
  readonly detail: string;
}

export interface ReimportOptions extends Decoding {
  readonly restorer: Pick<Restorer, 'differences' | 'heads' | 'import' | 'expect' | 'emits' | 'subjectsWithoutKey'>;
  /** schemas of this database */
  readonly stores: { has(schema: string): boolean };
  /** looks, and writes nothing */
  readonly dryRun: boolean;
  onLeftOut(left: LeftOut): void;
}

/** How many events topics hold and stores did not, and what became of them. */
export interface Counts {
  missing: number;
  imported: number;
  decidedAgain: number;
  person: number;
  /** subjects of personal data whose key was lost with the database */
  keysLost: number;
  readonly topics: Record<string, number>;
}

type Missing = PublishedEvent & { readonly record: InspectedRecord };

/**
 * Puts what topics hold back into the stores, in the order of each partition, which is that of each stream. A stream stops at the
 * first event that can't be proven to be what its store had there; the others go on. What follows a stop is noted for the service,
 * which comes to it again when it decides its messages again. Memory: one entry for each stream that is behind.
 */
export class Reimport {
  readonly counts: Counts = { missing: 0, imported: 0, decidedAgain: 0, person: 0, keysLost: 0, topics: {} };
  private readonly streams = new Map<string, StreamState>();
  private readonly emitted = new Map<string, Set<string>>();

  constructor(private readonly options: ReimportOptions) {}

  /** Takes records of one topic, in order. What is written stays when a later call fails; the same records again change nothing. */
  async take(topic: string, records: readonly InspectedRecord[]): Promise<void> {
    const { stores, restorer } = this.options;
    const events = records.flatMap((record): Missing[] => {
      const event = publishedEventOf(record.headers);
      return event && stores.has(event.schema) ? [{ ...event, record }] : [];
    });
    for (const schema of new Set(events.map((event) => event.schema))) {
      const own = events.filter((event) => event.schema === schema);
      await this.takeMissing(topic, schema, await restorer.differences(schema, own));
    }
  }

  private async takeMissing(
    topic: string,
    schema: string,
    found: readonly (readonly [Missing, Difference])[],
  ): Promise<void> {
    await this.openStreams(
      schema,
      found.map(([{ stream }]) => stream),
    );
    const imports = new Map<string, RecordEvent[]>();
    const expected: RecordEvent[] = [];
    for (const [{ stream, version, id, record }, difference] of found) {
      const state = this.streams.get(`${schema}\n${stream}`)!;
      if (state.isRepeat(version)) continue;
      const event = await this.eventOf(schema, record);
      const fate = state.take(version, event, difference);
      this.count(topic, fate);
      if (fate.kind !== 'import') {
        const { kind: by, code, detail } = fate;
        this.options.onLeftOut({ topic, schema, stream, version, id, type: record.type, by, code, detail });
      }
      if ('detail' in event || fate.kind === 'person') continue;
      if (fate.kind === 'import') imports.set(stream, [...(imports.get(stream) ?? []), event]);
      else expected.push(event);
    }
    await this.write(schema, [...imports.values()], expected);
  }

  private async write(
    schema: string,
    imports: readonly RecordEvent[][],
    expected: readonly RecordEvent[],
  ): Promise<void> {
    const { restorer, dryRun } = this.options;
    const subjects = [...imports.flat(), ...expected].flatMap(({ type, data }) => subjectsOf(contractOf(type), data));
    if (subjects.length > 0) this.counts.keysLost += await restorer.subjectsWithoutKey(subjects);
    if (dryRun) return;
    // First what is expected: a run that ends here finds it missing still, and notes it again.
    if (expected.length > 0)
      await restorer.expect(
        schema,
        expected.map((event) => ({ ...event, imported: false })),
      );
    for (const events of imports) await restorer.import(schema, events[0]!.version - 1, events);
  }

  private async openStreams(schema: string, streams: readonly string[]): Promise<void> {
    const unknown = [...new Set(streams)].filter((stream) => !this.streams.has(`${schema}\n${stream}`));
    if (unknown.length === 0) return;
    const heads = await this.options.restorer.heads(schema, unknown);
    for (const stream of unknown) this.streams.set(`${schema}\n${stream}`, new StreamState(stream, heads.get(stream)));
  }

  private async eventOf(schema: string, record: InspectedRecord) {
    let types = this.emitted.get(schema);
    if (!types) this.emitted.set(schema, (types = await this.options.restorer.emits(schema)));
    if (types.has(record.type)) return eventOf(record, this.options);
    return { code: 'TYPE_NOT_EMITTED', detail: `${schema} may not append ${record.type}` };
  }

  private count(topic: string, { kind }: Fate): void {
    this.counts.missing += 1;
    this.counts.topics[topic] = (this.counts.topics[topic] ?? 0) + 1;
    if (kind === 'import') this.counts.imported += 1;
    else if (kind === 'person') this.counts.person += 1;
    else this.counts.decidedAgain += 1;
  }
}
