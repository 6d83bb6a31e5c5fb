import { z } from 'zod';

const STRIPE = [
  'capture',
  'cancel',
  'refund',
  'payout-schedule',
  'charge',
  'pause-subscription',
  'resume-subscription',
  'pay-invoice',
  'read',
] as const;
const OTHERS = [
  ...(['zendesk', 'intercom', 'github', 'slack', 'smtp', 'bureau', 'hooks'] as const),
  ...(['carrier', 'gateway', 'crm', 'accounts', 'pager'] as const),
] as const;
/** One thing that a provider does, so that its undoing can go well while it fails. */
const ACTS = [
  ...(['carrier/ship', 'carrier/cancel-shipment', 'gateway/charge', 'gateway/refund', 'gateway/credit'] as const),
  ...(['crm/upsert', 'accounts/provision', 'accounts/deprovision', 'pager/page'] as const),
] as const;

/** Whom the sandbox stands in for beside Stripe. */
export type Counterpart = (typeof OTHERS)[number];

/** How the sandbox misbehaves; for one action, or for all when `action` is absent. Each PUT replaces the former one of its action and match. */
export const behaviourSchema = z.strictObject({
  /** at Stripe capture, charge, refund, … or read; elsewhere the provider, such as zendesk, zendesk-read, or one act, such as carrier/ship */
  action: z.enum([...STRIPE, ...OTHERS, ...OTHERS.map((name) => `${name}-read` as const), ...ACTS]).optional(),
  /** only calls whose path, idempotency key or body holds this text, such as an order's id */
  match: z.string().min(1).max(255).optional(),
  /** pause before it acts */
  latencyMs: z.number().int().min(0).max(120_000).default(0),
  /** so many calls fail without acting */
  failNext: z.number().int().min(0).default(0),
  failStatus: z.number().int().min(400).max(599).default(500),
  /** what a failing call is told, such as "Carrier API timeout" */
  failMessage: z.string().min(1).max(300).default('The sandbox was told to answer so.'),
  /** the provider's code of a failing call, such as card_declined or insufficient_funds */
  failCode: z.string().min(1).max(100).optional(),
  /** never answer and do not act */
  hang: z.boolean().default(false),
  /** act, then never answer */
  actThenHang: z.boolean().default(false),
  /** act, then answer 500 */
  actThen500: z.boolean().default(false),
  /** break the connection and do not act */
  reset: z.boolean().default(false),
  /** act, then break the connection: the answer is lost */
  actThenReset: z.boolean().default(false),
  /** keep no idempotency keys */
  ignoreKeys: z.boolean().default(false),
  /** share of calls that hang, reset and the three that act apply to */
  probability: z.number().min(0).max(1).default(1),
  seed: z.number().int().default(1),
});

export type Behaviour = z.infer<typeof behaviourSchema>;

/** What happens to one call. */
export interface Fate {
  readonly latencyMs: number;
  readonly failStatus: number | undefined;
  readonly failMessage: string;
  readonly failCode: string | null;
  readonly hang: boolean;
  readonly actThenHang: boolean;
  readonly actThen500: boolean;
  readonly reset: boolean;
  readonly actThenReset: boolean;
  readonly ignoreKeys: boolean;
}

/** Nothing out of the way. */
export const CALM: Fate = {
  latencyMs: 0,
  failStatus: undefined,
  failMessage: '',
  failCode: null,
  hang: false,
  actThenHang: false,
  actThen500: false,
  reset: false,
  actThenReset: false,
  ignoreKeys: false,
};

interface Active {
  readonly behaviour: Behaviour;
  failuresLeft: number;
  random: () => number;
}

/** The behaviours that are set. The longest match that a call holds wins; of equal ones the most particular action. */
export class Behaviours {
  private readonly active = new Map<string, Active>();

  set(behaviour: Behaviour): void {
    this.active.set(`${behaviour.action ?? '*'} ${behaviour.match ?? ''}`, {
      behaviour,
      failuresLeft: behaviour.failNext,
      random: seeded(behaviour.seed),
    });
  }

  clear(): void {
    this.active.clear();
  }

  /**
   * What happens to the next call; uses up one of `failNext`.
   * @param actions names of what is called, the most particular first
   * @param text path, key and body of the call
   */
  next(actions: readonly string[], text: string): Fate {
    const active = this.activeFor(actions, text);
    if (!active) return CALM;
    const { behaviour } = active;
    const failing = active.failuresLeft > 0;
    if (failing) active.failuresLeft -= 1;
    const struck = active.random() < behaviour.probability;
    return {
      latencyMs: behaviour.latencyMs,
      failStatus: failing ? behaviour.failStatus : undefined,
      failMessage: behaviour.failMessage,
      failCode: behaviour.failCode ?? null,
      hang: struck && behaviour.hang,
      actThenHang: struck && behaviour.actThenHang,
      actThen500: struck && behaviour.actThen500,
      reset: struck && behaviour.reset,
      actThenReset: struck && behaviour.actThenReset,
      ignoreKeys: behaviour.ignoreKeys,
    };
  }

  private activeFor(actions: readonly string[], text: string): Active | undefined {
    let best: { readonly active: Active; readonly matched: number; readonly rank: number } | undefined;
    for (const active of this.active.values()) {
      const { action, match = '' } = active.behaviour;
      const rank = action === undefined ? actions.length : actions.indexOf(action);
      if (rank < 0 || !text.includes(match)) continue;
      const isBetter = !best || match.length > best.matched || (match.length === best.matched && rank < best.rank);
      if (isBetter) best = { active, matched: match.length, rank };
    }
    return best?.active;
  }
}

/** Mulberry32: small, and the same numbers for the same seed everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
