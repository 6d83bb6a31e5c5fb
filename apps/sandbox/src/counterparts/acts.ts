import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Behaviours, type Counterpart, type Fate } from '../behaviour.js';
import { BoundedMap } from '../bounded-map.js';
import { DurableLog } from '../durable-log.js';

/** One mutating call at a provider other than Stripe, in the sandbox's own log. Only `acted` changed anything. */
export interface Act {
  readonly seq: number;
  /** ISO 8601 */
  readonly time: string;
  readonly provider: Counterpart;
  /** what was done, such as reply */
  readonly action: string;
  /** ticket, conversation, channel, mailbox, endpoint */
  readonly subject: string;
  readonly outcome: 'acted' | 'replayed' | 'refused' | 'failed';
  /** key under which a repeat is recognised, where the provider recognises any */
  readonly key: string | null;
  /** id of Towpath's effect, where the call carries it */
  readonly effectId: string | null;
  /** the key of the call, whether the provider keeps it or not */
  readonly idempotencyKey?: string | null;
  /** what it belongs to, where that is not its subject, such as the payment of a refund */
  readonly group?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A mutating call as a route hands it over. */
export type Call = Omit<Act, 'seq' | 'time' | 'outcome'>;

/** What becomes of a call: what was done, a status to answer with, silence, or a broken connection. */
export type Ending =
  | { readonly kind: 'done'; readonly act: Act }
  | { readonly kind: 'status'; readonly status: number; readonly message: string; readonly code: string | null }
  | { readonly kind: 'silence' }
  | { readonly kind: 'reset' };

const SUBJECTS_MAX = 20_000;
const ACTS_PER_SUBJECT_MAX = 2_000;
const KEYS_MAX = 50_000;

/**
 * What was done at the providers that the sandbox stands in for, beside Stripe: each call is on disk before it is answered,
 * and the state is what those lines say, so a killed sandbox goes on where it was.
 */
export class Acts {
  private readonly bySubject = new BoundedMap<string, Act[]>(SUBJECTS_MAX);
  private readonly byKey = new BoundedMap<string, Act>(KEYS_MAX);
  private readonly latest: Act[] = [];
  private seq = 0;
  private log!: DurableLog;

  private constructor(readonly behaviours: Behaviours) {}

  static async open(home: string, behaviours: Behaviours): Promise<Acts> {
    const acts = new Acts(behaviours);
    acts.log = await DurableLog.open(join(home, 'sandbox', 'acts.jsonl'), (line) => acts.remember(line as Act));
    return acts;
  }

  close(): Promise<void> {
    return this.log.close();
  }

  /** What was done to a subject, or to what belongs to it, oldest first. */
  of(provider: Counterpart, subject: string): readonly Act[] {
    return this.bySubject.get(`${provider}/${subject}`) ?? [];
  }

  /** The newest acts, of all providers or of one, oldest first. */
  recent(provider?: string): readonly Act[] {
    return provider === undefined ? this.latest : this.latest.filter((act) => act.provider === provider);
  }

  /** Does what a call asks, after what `fate` does to it. */
  async call(call: Call, fate: Fate = this.fateOf(call)): Promise<Ending> {
    if (fate.latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, fate.latencyMs));
    if (fate.hang || fate.reset || fate.failStatus !== undefined) {
      await this.write(call, 'failed');
      if (fate.failStatus !== undefined) return told(fate.failStatus, fate);
      return { kind: fate.hang ? 'silence' : 'reset' };
    }
    const act = await this.done(call, fate);
    if (fate.actThenHang) return { kind: 'silence' };
    if (fate.actThenReset) return { kind: 'reset' };
    return fate.actThen500 ? told(500, fate) : { kind: 'done', act };
  }

  private fateOf(call: Call): Fate {
    const { provider, action, subject, key, body } = call;
    return this.behaviours.next([`${provider}/${action}`, provider], `${subject} ${key ?? ''} ${JSON.stringify(body)}`);
  }

  /** Keeps a call that the provider refuses. */
  async refuse(call: Call): Promise<void> {
    await this.write(call, 'refused');
  }

  private async done(call: Call, { ignoreKeys }: Fate): Promise<Act> {
    const kept = call.key === null || ignoreKeys ? undefined : this.byKey.get(`${call.provider}/${call.key}`);
    if (!kept) return this.write(call, 'acted');
    await this.write(call, 'replayed');
    return kept;
  }

  private async write(call: Call, outcome: Act['outcome']): Promise<Act> {
    const act: Act = { seq: (this.seq += 1), time: new Date().toISOString(), ...call, outcome };
    if (outcome === 'acted') this.remember(act);
    await this.log.append(act);
    return act;
  }

  private remember(act: Act): void {
    this.seq = Math.max(this.seq, act.seq);
    if (act.outcome !== 'acted') return;
    for (const subject of new Set([act.subject, act.group ?? act.subject])) {
      const name = `${act.provider}/${subject}`;
      this.bySubject.set(name, [...(this.bySubject.get(name) ?? []), act].slice(-ACTS_PER_SUBJECT_MAX));
    }
    if (act.key !== null) this.byKey.set(`${act.provider}/${act.key}`, act);
    this.latest.push(act);
    if (this.latest.length > ACTS_PER_SUBJECT_MAX) this.latest.shift();
  }
}

function told(status: number, { failMessage, failCode }: Fate): Ending {
  return { kind: 'status', status, message: failMessage, code: failCode };
}

/** An id as a provider would give it, the same after a restart. */
export function numberOf(act: Pick<Act, 'seq' | 'provider'>): number {
  return 1_000_000 + act.seq;
}

/** A short token that follows from a text, such as a Slack timestamp's last digits. */
export function tokenOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
