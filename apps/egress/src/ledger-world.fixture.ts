import type { Contract } from '@towpath/contracts/contract';
import { InboxConflict, VersionConflict } from '@towpath/event-store/errors';
import type { Projection } from '@towpath/event-store/projection';
import {
  rowKey,
  type EventStore,
  type GroupCommit,
  type GroupQuery,
  type LoadedGroup,
  type NewEvent,
  type StoredEvent,
  type StoredRow,
} from '@towpath/event-store/types';
import { noUpcasters } from '@towpath/event-store/upcast';
import { Decisions } from '@towpath/service-kit/decisions';
import { handlerEntries, type Handler } from '@towpath/service-kit/handles';
import { Metrics } from '@towpath/service-kit/metrics';
import { PipelineMetrics } from '@towpath/service-kit/pipeline/pipeline-metrics';
import type { Received } from '@towpath/service-kit/message';
import { GroupProcessor } from '@towpath/service-kit/pipeline/group-processor';
import { GroupQueue } from '@towpath/service-kit/pipeline/group-queue';
import { CANCEL, CAPTURE } from './actions.js';
import { Dispatcher } from './dispatcher.js';
import { effects } from './effect.js';
import { EffectLedger } from './effect-ledger.js';
import { EffectMetrics } from './effect-metrics.js';
import { HaltAccountCaptures } from './halt-captures.handler.js';
import { breakers } from '@towpath/service-kit/breakers/breakers.projection';
import { haltedAccounts, openEffects, subjectEffects, type OpenEffect } from './ledger.projection.js';
import type { CallResult, ProbeResult, Provider } from './provider.js';
import { unknownEffects } from './unknown-effects.projection.js';
import { AnswerProbe } from './probe-effect.handler.js';
import { ReserveEffect } from './reserve-effect.handler.js';
import { Providers } from './providers.js';

const projections = [
  openEffects,
  subjectEffects,
  haltedAccounts,
  unknownEffects,
  breakers,
] as readonly Projection<unknown>[];
const silent = { info() {}, warn() {}, error() {}, debug() {} } as never;

/** The rules of the event store in memory: versions, inbox, one transaction at a time. SQL is tested on Postgres. */
export class MemoryStore {
  readonly events: StoredEvent[] = [];
  readonly rows = new Map<string, StoredRow>();
  private readonly inbox = new Map<string, Buffer>();
  private commits = 0;
  private lock: Promise<void> = Promise.resolve();

  async loadGroup(query: GroupQuery): Promise<LoadedGroup> {
    await Promise.resolve();
    const rows = query.rows.flatMap((ref) => this.rows.get(rowKey(ref)) ?? []);
    return {
      seen: new Map(
        query.ids.flatMap(({ eventId }) => (this.inbox.has(eventId) ? [[eventId, this.inbox.get(eventId)!]] : [])),
      ),
      streams: new Map(query.streams.map((id) => [id, this.events.filter(({ stream }) => stream === id)])),
      rows: new Map(rows.map((row) => [rowKey(row), row])),
      held: new Map(),
    };
  }

  async loadGroupLocked(query: GroupQuery) {
    const release = await this.take();
    return {
      group: await this.loadGroup(query),
      commit: async (commit: GroupCommit) => this.write(commit),
      release: async () => release(),
    };
  }

  async commitGroup(commit: GroupCommit) {
    const release = await this.take();
    try {
      return this.write(commit);
    } finally {
      release();
    }
  }

  typesOf(effectId: string): string[] {
    return this.events
      .filter(({ stream }) => stream === `effect-${effectId}`)
      .map(({ type }) => type.replace('egress.v1.Effect', ''));
  }

  private write(commit: GroupCommit) {
    this.checkInbox(commit);
    this.checkStreams(commit);
    this.checkRows(commit);
    this.commits += 1;
    for (const { eventId, fingerprint } of commit.inbox ?? []) this.inbox.set(eventId, fingerprint);
    for (const { state, ...ref } of commit.rows ?? []) {
      if (state === null) this.rows.delete(rowKey(ref));
      else this.rows.set(rowKey(ref), { ...ref, version: this.commits, state });
    }
    for (const event of commit.events ?? []) this.append(event);
    return { events: [], rowVersion: this.commits };
  }

  private checkInbox(commit: GroupCommit): void {
    if (commit.inbox?.some(({ eventId }) => this.inbox.has(eventId))) throw new InboxConflict();
  }

  private checkStreams(commit: GroupCommit): void {
    const looked = new Set<string>();
    for (const { stream, expectedVersion } of commit.events ?? []) {
      const actual = this.versionOf(stream);
      const conflict = !looked.has(stream) && typeof expectedVersion === 'number' && expectedVersion !== actual;
      if (conflict) throw new VersionConflict(stream, expectedVersion, actual);
      looked.add(stream);
    }
  }

  private checkRows(commit: GroupCommit): void {
    for (const row of commit.rows ?? []) {
      const actual = this.rows.get(rowKey(row))?.version ?? 0;
      if (actual !== row.expectedVersion) throw new VersionConflict(rowKey(row), row.expectedVersion, actual);
    }
  }

  private append(event: NewEvent): void {
    if (this.events.some(({ id }) => id === event.id)) throw new Error(`the id ${event.id} was appended before`);
    const version = this.versionOf(event.stream) + 1;
    const position = String(this.events.length + 1);
    this.events.push({ ...event, kind: 'internal', version, position, hash: Buffer.alloc(0) });
  }

  private versionOf(stream: string): number {
    return this.events.filter((event) => event.stream === stream).length;
  }

  private async take(): Promise<() => void> {
    const before = this.lock;
    let release = (): void => undefined;
    this.lock = new Promise((resolve) => (release = resolve));
    await before;
    return release;
  }
}

/** What happens to a call: the reply comes, is lost after or before acting, the provider acts late, or never gets or takes the call. */
export type Fate =
  'reply' | 'late' | 'reply-lost' | 'call-lost' | 'not-sent' | 'refused' | 'crash-before' | 'crash-after';

/** A provider with payments that can be captured or cancelled once, and refunded as often as it is asked to. */
export class FakeProvider {
  readonly acts: {
    readonly key: string;
    readonly action: string;
    readonly subject: string;
    readonly account: string;
  }[] = [];
  private readonly kept = new Map<string, CallResult>();

  constructor(
    readonly fates: Fate[],
    readonly keepsKeys: boolean,
    /** false for one that can't be asked, like a mail server */
    readonly tells = true,
    /** how long after a call it may still act on it, in milliseconds */
    readonly lateMs = 0,
  ) {}

  /** What a call that nobody waits for any more does in the end. */
  late: (() => void) | undefined;
  /** why it can't be read at the moment */
  blind: 'unavailable' | 'untold' | undefined;
  /** times it was asked */
  probes = 0;

  act(effect: OpenEffect): CallResult {
    const { idempotencyKey: key, action, subjectId: subject, accountId: account } = effect;
    const kept = this.keepsKeys ? this.kept.get(key) : undefined;
    if (kept) return kept;
    if ((action === CAPTURE || action === CANCEL) && this.stateOf(subject) !== undefined)
      return { kind: 'unknown', code: 'payment_intent_unexpected_state', detail: 'state' };
    this.acts.push({ key, action, subject, account });
    const result: CallResult = { kind: 'done', reference: key };
    this.kept.set(key, result);
    return result;
  }

  probe({ action, subjectId, idempotencyKey }: OpenEffect): ProbeResult {
    this.probes += 1;
    if (this.blind) return { kind: this.blind, detail: 'it can not be read' };
    if (!this.tells) return { kind: 'untold', detail: 'it can not be asked' };
    const state = this.stateOf(subjectId);
    if (action !== CAPTURE && action !== CANCEL)
      return this.acts.some(({ key }) => key === idempotencyKey)
        ? { kind: 'done', reference: 'x' }
        : { kind: 'not-done', detail: '' };
    if (state === undefined) return { kind: 'not-done', detail: 'open' };
    return state === action
      ? { kind: 'done', reference: 'x' }
      : { kind: 'impossible', code: 'ALREADY_OTHER', detail: state };
  }

  private stateOf(payment: string): string | undefined {
    return this.acts.find(({ subject, action }) => subject === payment && (action === CAPTURE || action === CANCEL))
      ?.action;
  }
}

/** One egress process over the store: the real handlers, pipeline, ledger and dispatcher. After a crash nothing it does has any effect. */
export class Replica {
  readonly dispatcher: Dispatcher;
  private alive = true;
  private readonly queue: GroupQueue;
  private readonly handlers: readonly object[];

  constructor(
    readonly store: MemoryStore,
    private readonly provider: FakeProvider,
    onCrash: () => void,
  ) {
    const guarded = guard(store, () => this.alive);
    this.queue = new GroupQueue(
      new GroupProcessor({
        service: 'egress',
        store: guarded,
        vault: {
          keysFor: async () => new Map(),
          lookupHash: String,
          erase: async () => new Map(),
          eraseDeadLetters: async () => undefined,
          close: async () => undefined,
        },
        folds: { aggregates: [effects], projections, upcasters: noUpcasters },
        metrics: new PipelineMetrics(new Metrics('egress')),
        logger: silent,
        onTimer: () => undefined,
      }),
    );
    const open = async () =>
      [...store.rows.values()].filter(({ name }) => name === 'open-effects').map(({ state }) => state as OpenEffect);
    const metrics = new EffectMetrics(new Metrics('egress'));
    const adapter = this.adapter(() => {
      this.alive = false;
      // Only its timers: what runs never ends.
      void this.dispatcher.stop();
      onCrash();
    });
    this.dispatcher = new Dispatcher({
      ledger: new EffectLedger(new Decisions(this.queue), metrics),
      metrics,
      providers: new Providers(['stripe', 'smtp', 'slack'].map((name) => [name, adapter] as const)),
      completed: async (effect) => effect,
      sweepMs: 10,
      youngMs: 5,
      logger: silent,
      openEffects: open,
      openEffectsOf: async (account) => (await open()).filter(({ accountId }) => accountId === account),
    });
    const { dispatcher } = this;
    this.handlers = [
      new ReserveEffect(dispatcher, { find: () => undefined }),
      new HaltAccountCaptures(dispatcher, { find: () => undefined }),
      new AnswerProbe(dispatcher),
    ];
  }

  /** Hands in one command as the consumer would; never resolves when the process crashes first. */
  async handle<T extends object>(contract: Contract<T>, id: string, data: T): Promise<void> {
    const key = String((data as Record<string, unknown>)[contract.key]);
    const instance = this.handlers.find((one) =>
      handlerEntries(one.constructor).some((entry) => entry.contract.type === contract.type),
    ) as Handler<Contract>;
    const entry = handlerEntries(instance.constructor).find((one) => one.contract.type === contract.type)!;
    const message: Received = {
      id,
      type: contract.type,
      data,
      subject: key,
      source: '/services/fraud',
      time: new Date(),
      correlationId: `story-${id}`,
      causationId: null,
      hops: 1,
      path: [],
      traceparent: null,
    };
    const inbox = { id, fingerprint: Buffer.from(id) };
    await this.queue.process([{ message, handler: { ...entry, instance }, orderKey: key, inbox, attempts: 0 }]);
  }

  private adapter(crash: () => void): Provider {
    const { provider } = this;
    const never = new Promise<never>(() => undefined);
    return {
      keyWindowMs: provider.keepsKeys ? 1_000_000 : 0,
      callMsMax: 0,
      lateMs: provider.lateMs,
      concurrency: 4,
      retry: { attemptsMax: 4, giveUpMs: 5_000, backoffBaseMs: 1, backoffMsMax: 2 },
      breakers: [],
      close: async () => undefined,
      accepts: () => true,
      execute: async (effect) => {
        await Promise.resolve();
        if (!this.alive) return never;
        const fate = provider.fates.shift() ?? 'reply';
        if (fate === 'not-sent') return { kind: 'not-acted', code: 'CONNECTION_FAILED', detail: fate };
        if (fate === 'refused') return { kind: 'refused', code: 'card_declined', detail: fate };
        if (fate === 'call-lost') return { kind: 'unknown', code: 'TIMEOUT', detail: fate };
        if (fate === 'late') {
          provider.late = () => void provider.act(effect);
          return { kind: 'unknown', code: 'TIMEOUT', detail: fate };
        }
        if (fate === 'crash-before') crash();
        if (!this.alive) return never;
        const result = provider.act(effect);
        if (fate === 'crash-after') crash();
        if (!this.alive) return never;
        return fate === 'reply-lost' ? { kind: 'unknown', code: 'TIMEOUT', detail: fate } : result;
      },
      probe: async (effect) => (this.alive ? provider.probe(effect) : never),
    };
  }
}

/** A crashed process writes nothing more and waits for ever. */
function guard(store: MemoryStore, alive: () => boolean): EventStore {
  const never = new Promise<never>(() => undefined);
  return {
    loadGroup: (query: GroupQuery) => (alive() ? store.loadGroup(query) : never),
    loadGroupLocked: (query: GroupQuery) => (alive() ? store.loadGroupLocked(query) : never),
    commitGroup: (commit: GroupCommit) => (alive() ? store.commitGroup(commit) : never),
  } as never;
}
