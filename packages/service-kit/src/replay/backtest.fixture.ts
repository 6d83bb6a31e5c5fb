import { RunStarted } from '@towpath/contracts/agents/RunStarted.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { encryptPii } from '@towpath/event-store/cipher';
import type { EventStore, NewEvent, StoredEvent } from '@towpath/event-store/types';
import { noUpcasters } from '@towpath/event-store/upcast';
import type { Vault } from '@towpath/event-store/vault';
import type { DecisionState, Reads, WorkContext } from '../handles.js';
import { emit, type Received } from '../message.js';
import { Inbound } from '../pipeline/inbound.js';
import type { BoundHandler } from '../pipeline/item.js';
import { counts, totals } from '../pipeline/pipeline.fixture.js';
import { DEFAULT_RETRY } from '../pipeline/retry.decider.js';
import { Backtest, type BacktestAnswer, type BacktestSummary } from './backtest.js';
import type { Flip } from './backtest-comparison.js';
import { outcome } from './outcome.js';
import type { PastService } from './past-service.js';
import { pastStore, type PastStore } from './past-store.js';
import { pastVault } from './past-vault.js';
import type { StoredMessage } from './replay-message.js';

type Failed = Received<typeof PaymentFailed>;

/** How the spec's service names what it decides of a payment that failed; it may throw. */
export interface Naming {
  reads?(message: Failed): Reads;
  work?(message: Failed, context: WorkContext & { readonly store: PastStore }): Promise<unknown>;
  name(message: Failed, state: DecisionState, worked: unknown): string;
}

export const SINCE = new Date('2026-11-01T12:00:00Z');
const KEY = Buffer.alloc(32, 1);
const SECOND_MS = 1_000;

/** A service of one handler with a past in memory, to be decided again. */
export class BacktestWorld {
  private readonly log: (StoredEvent & { readonly occurred_at: Date })[] = [];
  private readonly messages: StoredMessage[] = [];
  private readonly erased = new Set<string>();

  /** A message of the window, `seconds` after it began; what it says of its person is encrypted. */
  message(id: string, paymentId: string, seconds = this.messages.length): this {
    const data = failedPayment(paymentId) as object;
    const metadata = { correlationId: `story-${id}`, causationId: id, hops: 0, handler: 'Spec' };
    const place = { schema: 'triage', topic: 'payments.events', stream: `payment-${paymentId}`, version: 1 };
    const occurredAt = new Date(SINCE.getTime() + seconds * SECOND_MS).toISOString();
    this.messages.push({ ...place, id, type: PaymentFailed.type, data, metadata, occurredAt });
    return this;
  }

  /** What the service knew when the window began. */
  knew(paymentId: string): this {
    return this.append(PaymentFailed.type, `payment-${paymentId}`, failedPayment(paymentId), 'before', -SECOND_MS);
  }

  /** What the service decided because of a message. */
  decided(message: string, paymentId: string, name: string): this {
    return this.append(AlertTriggered.type, `alert-${paymentId}`, alert(paymentId, name), message, SECOND_MS);
  }

  /** An agent that worked on a message, by a version of its instructions. */
  ran(message: string, agent: string, version: string): this {
    const { type, stream, data } = runOf(message, agent, version);
    return this.append(type, stream, data, message, SECOND_MS);
  }

  /** How the service failed at a message. */
  failed(message: string, reason: string): this {
    const letter = { deadLetterId: 'd', handler: 'NameFailure', reason, originEventId: message };
    return this.append(DeadLettered.type, 'dead-letter-d', letter, message, SECOND_MS);
  }

  erase(accountId: string): this {
    this.erased.add(accountId);
    return this;
  }

  async backtest(naming: Naming) {
    const answers: BacktestAnswer[] = [];
    const past = this.past(naming);
    const until = new Date(SINCE.getTime() + 60 * SECOND_MS);
    for await (const answer of new Backtest(past).run(from(this.messages), SINCE, until)) answers.push(answer);
    const failures = answers.flatMap((one) => ('failure' in one ? [one.failure] : []));
    const flips = answers.filter((one): one is Flip => 'subject' in one);
    const { summary } = answers.at(-1) as { readonly summary: BacktestSummary };
    return { failures, flips, summary };
  }

  private append(type: string, stream: string, data: unknown, causationId: string, afterMs: number): this {
    const metadata = { correlationId: 'c', causationId, hops: 0, handler: 'NameFailure' };
    const version = this.log.filter((event) => event.stream === stream).length + 1;
    const occurredAt = new Date(SINCE.getTime() + afterMs);
    const place = { position: String(this.log.length + 1), version, kind: 'event' as const, hash: Buffer.alloc(0) };
    const event = { id: `e${this.log.length}`, stream, type, data, metadata, occurredAt, ...place };
    this.log.push({ ...event, occurred_at: occurredAt });
    return this;
  }

  private past(naming: Naming): PastService {
    const store = pastStore(this.store());
    const vault = pastVault(this.vault());
    const handlers = new Map<string, BoundHandler>([[PaymentFailed.type, handlerOf(naming, store)]]);
    const schemaIds = new Map([[PaymentFailed.type, 1]]);
    const writerSchema = () => Promise.reject(new Error('not asked for'));
    const outcomes = [outcome(AlertTriggered, { answer: ({ name }) => name })];
    return {
      definition: { name: 'fraud', outcomes },
      ...{ service: 'fraud', store, vault, schemaIdOf: () => 1, close: () => Promise.resolve() },
      folds: { aggregates: [counts], projections: [totals], upcasters: noUpcasters },
      handlers: new Map([...handlers].map(([type, handler]) => [type, [handler]] as const)),
      inbound: new Inbound({ service: 'fraud', handlers, schemaIds, vault, upcasters: noUpcasters, writerSchema }),
    };
  }

  private store(): EventStore {
    const inside = ({ occurredAt }: StoredEvent) => occurredAt >= SINCE;
    const first = this.log.find(inside)?.position ?? String(this.log.length + 1);
    const rows: Record<string, () => object[]> = {
      replay_position: () => [{ position: first }],
      replay_before: () => this.log.filter((event) => !inside(event)),
      replay_outcomes: () => this.log.filter(inside).map((event) => ({ ...event, cause: event.metadata.causationId })),
    };
    const read = (stream: string) => this.log.filter((event) => event.stream === stream);
    return {
      schema: 'fraud',
      query: (name: string) => Promise.resolve(rows[name]!()),
      read: (stream: string) => Promise.resolve(read(stream)),
      readStreams: (streams: readonly string[]) => Promise.resolve(new Map(streams.map((one) => [one, read(one)]))),
    } as unknown as EventStore;
  }

  private vault(): Vault {
    const keyOf = (subject: string) => (this.erased.has(subject) ? null : KEY);
    return {
      keysFor: async (subjects) => new Map([...subjects].map((subject) => [subject, keyOf(subject)])),
      ...{ lookupHash: String, erase: async () => new Map(), eraseDeadLetters: async () => undefined },
      close: async () => undefined,
    };
  }
}

/** The beginning of an agent's run on a message. */
export function runOf(message: string, agent: string, instructionsVersion: string): NewEvent {
  const metadata = { correlationId: 'c', causationId: message, hops: 1, handler: agent };
  const data = { runId: `run-${message}`, agent, instructionsVersion };
  const place = { stream: `agent-run-run-${message}`, occurredAt: SINCE };
  return { id: `run-${message}`, type: RunStarted.type, data, metadata, ...place };
}

function handlerOf({ reads, work, name }: Naming, store: PastStore): BoundHandler {
  return {
    ...{ name: 'NameFailure', contract: PaymentFailed, emits: [AlertTriggered], decrypts: true, strict: false },
    retry: DEFAULT_RETRY,
    ...(work && { queued: { concurrency: 1, timeoutMs: SECOND_MS } }),
    instance: {
      reads: (message) => reads?.(message as Failed) ?? {},
      ...(work && { work: (message, context) => work(message as Failed, { ...context, store }) }),
      handle(message, state, worked) {
        const failed = message as Failed;
        return [emit(AlertTriggered, alert(failed.data.paymentId, name(failed, state, worked)))];
      },
    },
  };
}

function failedPayment(paymentId: string): PaymentFailed {
  const accountId = `cus_${paymentId}`;
  const about = { paymentId, chargeId: null, accountId, amountMinor: 1, currency: 'EUR', declineCode: null };
  const rest = { failureCode: null, cardFingerprint: null, ipHash: null, failedAt: 0, email: null, invoiceId: null };
  return encryptPii(PaymentFailed, { ...about, ...rest, failureMessage: 'no funds' }, new Map([[accountId, KEY]]));
}

function alert(alertId: string, name: string): AlertTriggered {
  return { alertId, name, severity: 'info', summary: '', alertedService: null, triggeredAt: 0 };
}

async function* from(messages: readonly StoredMessage[]): AsyncGenerator<StoredMessage> {
  yield* messages;
}
