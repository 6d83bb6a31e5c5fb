import type { DeclineClass } from './decline-class.js';

export type PursuedClass = Exclude<DeclineClass, 'suspected'>;

/** Ways to pay that a letter can name, best first. */
export type Alternative =
  'another_card' | 'bank_debit' | 'instalments' | 'authenticate' | 'update_card' | 'retry_later' | 'contact_bank';

interface Schedule {
  readonly alternatives: readonly Alternative[];
  /** hours after the decline at which its invoice is tried again */
  readonly retryHours: readonly number[];
  readonly remindHours: readonly number[];
  /** hours after which a subscription is paused */
  readonly pauseHours: number;
}

const HOUR = 3_600_000;
const DAY_HOURS = 24;
const days = (...list: number[]): number[] => list.map((day) => day * DAY_HOURS);

/** No payment is pursued for longer, whatever happens to it meanwhile. */
const GIVE_UP_MS = 30 * DAY_HOURS * HOUR;
/** Tries of one invoice by us; card networks fine those who go on. */
const RETRIES_MAX = 4;

/** By what the decline calls for. A retry is only worth its fee where the answer can be another one without the customer. */
const SCHEDULES: Readonly<Record<PursuedClass, Schedule>> = {
  funds: {
    alternatives: ['another_card', 'bank_debit', 'instalments'],
    ...{ retryHours: days(1, 3, 5, 8), remindHours: days(3, 8), pauseHours: 10 * DAY_HOURS },
  },
  card: {
    alternatives: ['update_card', 'another_card', 'bank_debit'],
    ...{ retryHours: [], remindHours: days(1, 3, 7), pauseHours: 8 * DAY_HOURS },
  },
  issuer: {
    alternatives: ['another_card', 'contact_bank', 'bank_debit'],
    ...{ retryHours: days(1, 4), remindHours: days(2, 7), pauseHours: 9 * DAY_HOURS },
  },
  authentication: {
    alternatives: ['authenticate', 'another_card'],
    ...{ retryHours: [], remindHours: days(1, 3, 6), pauseHours: 7 * DAY_HOURS },
  },
  provider: {
    alternatives: ['retry_later', 'another_card'],
    ...{ retryHours: [1, 6, 24, 72], remindHours: days(4), pauseHours: 10 * DAY_HOURS },
  },
  final: {
    alternatives: ['another_card', 'bank_debit'],
    ...{ retryHours: [], remindHours: days(2, 5), pauseHours: 6 * DAY_HOURS },
  },
};

/** What is known of the bill behind a payment. */
export interface Bill {
  readonly invoiceId: string | null;
  readonly subscriptionId: string | null;
  /** true when the provider goes on by itself; two who try it would charge twice as often as either means to */
  readonly triedByProvider: boolean;
}

/** When what is tried, milliseconds since the epoch. */
export interface RecoveryPlan {
  readonly declineClass: PursuedClass;
  readonly alternatives: readonly Alternative[];
  readonly retryAt: readonly number[];
  readonly remindAt: readonly number[];
  readonly pauseAt: number | null;
  readonly giveUpAt: number;
}

/**
 * The plan for a decline at `at`. Without an invoice there is nothing of ours to try again, only the customer can pay; without a
 * subscription nothing to pause.
 * @param retriesDone tries before this plan; they count against the limit
 * @param giveUpAt of the plan before: a new plan prolongs nothing
 */
export function planRecovery(
  declineClass: PursuedClass,
  bill: Bill,
  at: number,
  { retriesDone = 0, giveUpAt = at + GIVE_UP_MS }: { retriesDone?: number; giveUpAt?: number } = {},
): RecoveryPlan {
  const { alternatives, retryHours, remindHours, pauseHours } = SCHEDULES[declineClass];
  const times = (hours: readonly number[]): number[] =>
    hours.map((hour) => at + hour * HOUR).filter((time) => time < giveUpAt);
  const retries = bill.invoiceId === null || bill.triedByProvider ? [] : times(retryHours);
  const [pauseAt = null] = bill.subscriptionId === null ? [] : times([pauseHours]);
  return {
    ...{ declineClass, alternatives, remindAt: times(remindHours), pauseAt, giveUpAt },
    retryAt: retries.slice(0, Math.max(0, RETRIES_MAX - retriesDone)),
  };
}
