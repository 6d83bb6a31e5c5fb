import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Behaviours, type Fate } from './behaviour.js';
import { BoundedMap } from './bounded-map.js';
import { DurableLog } from './durable-log.js';
import type { CallOutcome, EffectLine } from './effects-log.js';
import { unknownPayment, type Payment } from './payment.js';
import { act, isBilling, replyBody, type ActionCall, type Change } from './stripe-actions.js';
import { declined } from './stripe-charges.js';
import { StripeRefusal } from './stripe-error.js';
import { nested } from './stripe-form.js';

/** A reply, or `undefined` for a call that is never answered. */
export type Reply = { readonly status: number; readonly body: object; readonly replayed?: boolean } | undefined;

interface Kept {
  readonly fingerprint: string;
  readonly action: ActionCall['action'];
  readonly subject: string;
  readonly change: Change;
}

interface SeedLine {
  readonly seq: number;
  readonly payment: Payment;
}

const PAYMENTS_MAX = 50_000;
const KEYS_MAX = 50_000;
const ACCOUNTS_MAX = 10_000;
const CUSTOMERS_MAX = 20_000;
const PAYMENTS_PER_CUSTOMER_MAX = 1_000;

/**
 * Stands in for Stripe. Every mutating call is a line in its own log, on disk before it is answered; the state is what
 * those lines say, so a killed sandbox goes on where it was. It forgets the oldest payments and keys when full.
 */
export class StripeSandbox {
  readonly behaviours = new Behaviours();
  readonly counts: Record<CallOutcome, number> = { acted: 0, replayed: 0, refused: 0, failed: 0 };
  private readonly payments = new BoundedMap<string, { readonly seq: number; readonly payment: Payment }>(PAYMENTS_MAX);
  private readonly intervals = new BoundedMap<string, string>(ACCOUNTS_MAX);
  private readonly states = new BoundedMap<string, string>(PAYMENTS_MAX);
  private readonly byCustomer = new BoundedMap<string, readonly string[]>(CUSTOMERS_MAX);
  private readonly keys = new BoundedMap<string, Kept>(KEYS_MAX);
  /** told of each call that acted, once it is on disk */
  onActed: ((seq: number, call: ActionCall, change: Change) => void) | undefined;
  private seq = 0;
  private effects!: DurableLog;
  private seeds!: DurableLog;

  /** Opens the sandbox's files in `<home>/sandbox` and takes up the state they tell. */
  static async open(home: string): Promise<StripeSandbox> {
    const sandbox = new StripeSandbox();
    const folder = join(home, 'sandbox');
    sandbox.seeds = await DurableLog.open(join(folder, 'seeds.jsonl'), (line) => sandbox.restoreSeed(line as SeedLine));
    sandbox.effects = await DurableLog.open(join(folder, 'effects.jsonl'), (line) =>
      sandbox.restore(line as EffectLine),
    );
    return sandbox;
  }

  async close(): Promise<void> {
    await this.effects.close();
    await this.seeds.close();
  }

  /** Sets a payment's state. */
  async seed(payment: Payment): Promise<void> {
    this.seq += 1;
    this.payments.set(payment.id, { seq: this.seq, payment });
    await this.seeds.append({ seq: this.seq, payment } satisfies SeedLine);
  }

  /** The payment as it is; one that nobody named is a fresh one, unless its id says that it is missing. */
  payment(id: string): Payment {
    if (/^(pi|ch)_missing/.test(id))
      throw new StripeRefusal(404, 'invalid_request_error', 'resource_missing', `No such payment: '${id}'`);
    return this.payments.get(id)?.payment ?? unknownPayment(id, 1_000, 'requires_capture');
  }

  /** The payout interval of a connected account. */
  interval(account: string): string {
    return this.intervals.get(account) ?? 'daily';
  }

  /** Where a subscription or an invoice stands; undefined when nothing was done to it. */
  state(id: string): string | undefined {
    return this.states.get(id);
  }

  /** What the customer was charged, newest first. */
  paymentsOf(customerId: string): readonly Payment[] {
    return (this.byCustomer.get(customerId) ?? []).flatMap((id) => this.payments.get(id)?.payment ?? []).reverse();
  }

  /** Does what a mutating call asks, after what `fate` does to it. */
  async call(call: ActionCall, fate: Fate): Promise<Reply> {
    if (fate.hang) return this.answer(call, 'failed', undefined, null);
    if (fate.failStatus !== undefined)
      return this.answer(call, 'failed', injected(fate.failStatus, fate), null, fate.failCode);
    const fingerprint = fingerprintOf(call);
    const kept = call.idempotencyKey === null || fate.ignoreKeys ? undefined : this.keys.get(call.idempotencyKey);
    if (kept) return this.repeat(call, kept, fingerprint);
    return this.actOn(call, fate, fingerprint);
  }

  private repeat(call: ActionCall, kept: Kept, fingerprint: string): Promise<Reply> {
    if (kept.fingerprint === fingerprint)
      return this.answer(
        { ...call, subject: kept.subject },
        'replayed',
        { status: 200, body: replyBody(kept, kept.change), replayed: true },
        null,
      );
    const message = 'Keys for idempotent requests can only be used with the same parameters they were first used with.';
    return this.refuse(call, new StripeRefusal(400, 'idempotency_error', null, message));
  }

  private async actOn(call: ActionCall, fate: Fate, fingerprint: string): Promise<Reply> {
    let change: Change;
    try {
      const { action, subject } = call;
      if (action !== 'payout-schedule' && action !== 'charge' && !isBilling(action)) this.payment(subject);
      const before = { payment: this.payments.get(subject)?.payment, state: this.states.get(subject) };
      change = act(call, before, this.seq + 1);
    } catch (error) {
      if (error instanceof StripeRefusal) return this.refuse(call, error);
      throw error;
    }
    this.remember(this.seq + 1, call, fingerprint, change);
    const done: Reply = { status: 200, body: replyBody(call, change) };
    const reply = fate.actThenHang ? undefined : fate.actThen500 ? injected(500, fate) : done;
    return this.answer(call, 'acted', reply, { fingerprint, change });
  }

  private refuse(call: ActionCall, refusal: StripeRefusal): Promise<Reply> {
    return this.answer(call, 'refused', { status: refusal.status, body: refusal.body() }, null, refusal.code);
  }

  private async answer(
    call: ActionCall,
    outcome: CallOutcome,
    reply: Reply,
    restore: EffectLine['restore'],
    code: string | null = null,
  ): Promise<Reply> {
    this.seq += 1;
    this.counts[outcome] += 1;
    const line: EffectLine = {
      seq: this.seq,
      time: new Date().toISOString(),
      provider: 'stripe',
      action: call.action,
      subject: call.subject,
      amount: restore?.change.amount ?? null,
      currency: restore?.change.payment?.currency ?? null,
      idempotencyKey: call.idempotencyKey,
      outcome,
      replayed: outcome === 'replayed',
      status: reply?.status ?? null,
      code,
      metadata: nested(call.fields, 'metadata'),
      restore,
    };
    await this.effects.append(line);
    if (restore) this.onActed?.(line.seq, call, restore.change);
    return reply;
  }

  private remember(
    seq: number,
    call: Pick<ActionCall, 'action' | 'subject' | 'idempotencyKey'>,
    fingerprint: string,
    change: Change,
  ): void {
    const { action, subject, idempotencyKey } = call;
    if (change.payment) this.payments.set(subject, { seq, payment: change.payment });
    if (action === 'charge' && change.payment) this.rememberCustomer(change.payment);
    if (change.state !== undefined) this.states.set(subject, change.state);
    if (change.interval !== undefined) this.intervals.set(subject, change.interval);
    if (idempotencyKey !== null) this.keys.set(idempotencyKey, { fingerprint, action, subject, change });
  }

  private rememberCustomer({ id, customerId }: Payment): void {
    if (customerId === null) return;
    const ids = [...(this.byCustomer.get(customerId) ?? []), id];
    this.byCustomer.set(customerId, ids.slice(-PAYMENTS_PER_CUSTOMER_MAX));
  }

  private restoreSeed(line: SeedLine): void {
    this.seq = Math.max(this.seq, line.seq);
    this.payments.set(line.payment.id, line);
  }

  private restore(line: EffectLine): void {
    this.seq = Math.max(this.seq, line.seq);
    this.counts[line.outcome] += 1;
    if (line.restore === null) return;
    const { fingerprint, change } = line.restore;
    const call = { ...line, action: line.action as ActionCall['action'] };
    // A payment that was seeded after this call keeps what the seed says.
    const later = this.payments.get(line.subject);
    this.remember(line.seq, call, fingerprint, change);
    if (later !== undefined && later.seq > line.seq) this.payments.set(line.subject, later);
  }
}

function injected(status: number, { failMessage, failCode }: Fate): { status: number; body: object } {
  if (status === 402) return { status, body: declined(failCode ?? 'generic_decline', failMessage).body() };
  const type = status === 429 ? 'rate_limit_error' : status < 500 ? 'invalid_request_error' : 'api_error';
  return { status, body: new StripeRefusal(status, type, failCode, failMessage).body() };
}

function fingerprintOf({ action, subject, fields }: ActionCall): string {
  const sorted = [...fields].sort(([one], [other]) => (one < other ? -1 : 1));
  return (
    createHash('sha256')
      // A charge has its name from the sandbox, not from the request.
      .update(JSON.stringify([action, action === 'charge' ? '' : subject, sorted]))
      .digest('hex')
      .slice(0, 32)
  );
}
