import type { Contract } from '@towpath/contracts/contract';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type {
  Committed,
  EventStore,
  GroupCommit,
  GroupQuery,
  LoadedGroup,
  StoredEvent,
} from '@towpath/event-store/types';
import { noUpcasters } from '@towpath/event-store/upcast';
import { pino } from 'pino';
import { Metrics } from '../metrics.js';
import type { DecisionState, Handler, Reads } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { GroupProcessor, type GroupProcessorOptions } from './group-processor.js';
import type { BoundHandler, Item } from './item.js';
import { PipelineMetrics } from './pipeline-metrics.js';
import { DEFAULT_RETRY } from './retry.decider.js';

/** How often something of a key was decided; what the specs' handler looks at. */
export const counts = aggregate<number>({
  stream: 'alert',
  initial: 0,
  evolve: (count, event) => (isOf(AlertTriggered, event) ? count + 1 : count),
});

export const totals = projection<{ seen: number }>({
  name: 'totals',
  keysOf: (event) => (isOf(AlertTriggered, event) ? ['all'] : []),
  evolve: (row) => ({ seen: (row?.seen ?? 0) + 1 }),
});

export type Decide = (message: Received<typeof PaymentCanceled>, state: DecisionState) => readonly Emission[];

/** Records each message with what it saw of its key and of all. */
export const recordWhatIsSeen: Decide = ({ data }, state) => [
  emit(AlertTriggered, {
    alertId: data.paymentId,
    name: `${state.of(counts, data.paymentId)}/${state.row(totals, 'all')?.seen ?? 0}`,
    severity: 'info',
    summary: '',
    alertedService: null,
    triggeredAt: 0,
  }),
];

export function itemOf(id: string, key: string, decide: Decide = recordWhatIsSeen, fingerprint = 'bytes'): Item {
  const instance: Handler<typeof PaymentCanceled, readonly Contract[]> = {
    reads: ({ data }): Reads => ({ streams: [counts.of(data.paymentId)], rows: [totals.at('all')] }),
    handle: decide,
  };
  const handler: BoundHandler = {
    name: 'RecordWhatIsSeen',
    contract: PaymentCanceled,
    emits: [AlertTriggered, CapturePayment],
    decrypts: false,
    retry: DEFAULT_RETRY,
    strict: false,
    instance: instance,
  };
  const record = {
    ...{ topic: 'payments.events', partition: 0, offset: '0', timestamp: 0 },
    ...{ key: Buffer.from(key), value: Buffer.from(fingerprint), headers: {}, rawHeaders: {} },
  };
  const message: Received = {
    id,
    type: PaymentCanceled.type,
    data: { paymentId: key, reason: null, canceledAt: 0 },
    subject: key,
    source: '/services/triage',
    time: new Date(0),
    correlationId: `story-${id}`,
    causationId: null,
    hops: 0,
    path: [],
    traceparent: null,
  };
  return { message, handler, orderKey: key, inbox: { id, fingerprint: Buffer.from(fingerprint) }, record, attempts: 0 };
}

/** Keeps what is committed, so that the next group reads it. It stands in for rules only; SQL is tested on Postgres. */
export class RecordingStore {
  readonly commits: GroupCommit[] = [];
  readonly inbox = new Map<string, Buffer>();
  private readonly events: StoredEvent[] = [];
  private readonly rows = new Map<string, { version: number; state: object }>();
  /** thrown by the next commits, in order */
  readonly failures: (Error | undefined)[] = [];

  async loadGroup(query: GroupQuery): Promise<LoadedGroup> {
    const seen = query.ids.flatMap(({ eventId }) => {
      const print = this.inbox.get(eventId);
      return print ? [[eventId, print] as const] : [];
    });
    const rows = query.rows.flatMap((ref) => {
      const key = `${ref.name}\u0000${ref.key}`;
      const row = this.rows.get(key);
      return row ? [[key, { ...ref, ...row }] as const] : [];
    });
    const streams = query.streams.map((id) => [id, this.events.filter(({ stream }) => stream === id)] as const);
    return { seen: new Map(seen), streams: new Map(streams), rows: new Map(rows), held: this.heldKeys() };
  }

  async commitGroup(commit: GroupCommit): Promise<Committed> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    this.commits.push(commit);
    for (const { eventId, fingerprint } of commit.inbox ?? []) this.inbox.set(eventId, fingerprint);
    for (const { name, key, state } of commit.rows ?? []) {
      this.rows.set(`${name}\u0000${key}`, { version: this.commits.length, state: state ?? {} });
    }
    for (const event of commit.events ?? []) {
      const version = this.events.filter(({ stream }) => stream === event.stream).length + 1;
      const position = String(this.events.length + 1);
      this.events.push({ ...event, kind: 'internal', version, position, hash: Buffer.alloc(0) });
    }
    return { events: [], rowVersion: this.commits.length };
  }

  /** Keys of messages that wait, as none is ever claimed here: what was added and not freed. */
  private heldKeys(): Map<string, string | null> {
    const writes = this.commits.flatMap(({ held }) => held ?? []);
    const freed = new Set(writes.flatMap((write) => (write.kind === 'free' ? write.deadLetterId : [])));
    const added = writes.filter((write) => write.kind === 'add');
    const waiting = added.filter(({ stoppedBy }) => stoppedBy === undefined || !freed.has(stoppedBy)).reverse();
    return new Map(waiting.map(({ orderKey, stoppedBy }) => [orderKey, stoppedBy ?? null]));
  }

  /** Types and data of everything that was appended, in order. */
  appended(): { type: string; data: Record<string, unknown> }[] {
    return this.events.map(({ type, data }) => ({ type, data: data as Record<string, unknown> }));
  }
}

export function processorOn(store: RecordingStore, options: Partial<GroupProcessorOptions> = {}): GroupProcessor {
  return new GroupProcessor({
    service: 'fraud',
    store: store as unknown as EventStore,
    vault: {
      keysFor: async (subjects) => new Map([...subjects].map((s) => [s, Buffer.alloc(32, 1)])),
      lookupHash: String,
      erase: async () => new Map(),
      eraseDeadLetters: async () => undefined,
      close: async () => undefined,
    },
    folds: { aggregates: [counts], projections: [totals], upcasters: noUpcasters },
    metrics: new PipelineMetrics(new Metrics('fraud')),
    logger: pino({ level: 'silent' }),
    onTimer: () => undefined,
    ...options,
  });
}
