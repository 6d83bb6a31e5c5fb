import type { LearnedScore, Steps } from './learned-score.js';
import { WEIGHTS } from './weights.js';

/**
 * The one reviewed file of rules and weights. Points are about natural log-odds, so that sums of independent evidence
 * mean something: 0 is an ordinary payment; from `hold` on about one in three is fraud, from `block` on nearly all are.
 *
 * What labelled card payments tell is learned (`npm run train`, its tables are in `weights.ts`) and measured by `npm run eval`;
 * what they do not tell (addresses, devices, countries, bursts) is judgement. All points are multiples of 1/32.
 *
 * Changing anything here needs a new `version`, because each decision records the version that made it; a spec fails
 * when one changes without the other.
 */
const JUDGEMENT = {
  version: '2026-11-29.1',

  outcome: { hold: 5, block: 8.5 },

  /** Rules that block by themselves, however calm the rest looks, once their own points reach `block`. */
  overrides: ['velocity-customer', 'velocity-card', 'velocity-ip', 'ip-cards'],

  /** Opinions more levels apart than this go to a person: one analyst is sure of fraud and another clears the payment. */
  disagreementMax: 2,

  /** When an analyst clears a payment, instead of merely finding nothing. */
  clears: { customerDaysMin: 180, paymentsMin: 10, historyPointsMax: 0.5 },

  /**
   * Scores that leave it open. A model, when one is configured, has `waitMs` to add at most `pointsMax` either way; after
   * that the analysts' score decides. `waitMs` and `contextWaitMs` together leave room under 2 s.
   */
  grey: { from: 3.5, to: 7, pointsMax: 1.5, waitMs: 700 },

  /** How long the provider is given to answer when a delivery lacks what a rule needs. */
  contextWaitMs: 800,
  /** A customer whose own payments go back further needs no age from the provider. */
  knownCustomerDays: 30,

  /** Major units at which an amount is large for card payments at all; other currencies stay unknown. */
  amountBand: {
    scale: {
      EUR: 1,
      USD: 1,
      GBP: 1,
      CHF: 1,
      CAD: 0.7,
      AUD: 0.65,
      PLN: 0.23,
      SEK: 0.09,
      DKK: 0.13,
      NOK: 0.09,
      JPY: 0.0065,
    },
  },

  /** Times the customer's own mean of 30 days in the same currency. */
  amountHistory: {
    paymentsMin: 3,
  },

  /** Payments of the last 14 days that were at least 3 times the customer's mean when they came. */
  recentSpikes: {
    days: 14,
    ratioMin: 3,
  },

  /** Confirmed frauds of the customer's own payments in 28 days. */
  customerFrauds: {
    days: 28,
  },

  /**
   * Confirmed frauds at the terminal or merchant that no honest payment has followed yet. Disputes come late, so only
   * payments older than `labelDelayDays` count as honest; a run that lasted long is one that somebody stops.
   */
  merchant: {
    labelDelayDays: 7,
    windowDays: 28,
  },

  /**
   * Earlier payments within the window; on a card and an address also attempts that failed, because stolen cards are
   * tried out. The ladder of a burst: some pass, some are held, then the account is frozen.
   */
  velocity: {
    windowSeconds: 600,
    customer: [
      [3, 6],
      [6, 9],
    ],
    card: [
      [3, 6],
      [6, 9],
    ],
    /** an address can be a whole office */
    ip: [
      [8, 2],
      [12, 6],
      [20, 9],
    ],
    /** the same burst shows on customer, card and address: only the strongest adds points */
    freezeFrom: 6,
  },

  /** Different cards on one address within the window. */
  ipCards: {
    windowSeconds: 3600,
    steps: [
      [3, 3],
      [4, 6],
      [8, 9],
    ],
  },

  country: { cardBilling: 1.5, cardShipping: 2, both: 3 },

  /** A device that the customer, who has paid from others, has not used before. */
  device: { firstSeen: 1, paymentsMin: 2 },

  /** Age of the customer at the provider, in days. */
  customerAge: { under1: 1, under7: 0.5 },

  providerRisk: { normal: 0, elevated: 2.5, highest: 6 },

  /** Somebody else holds the account: a first-seen device, this many times the mean, and a foreign card or highest risk. */
  takeover: { amountRatioMin: 4 },
} as const;

export const RULES: Rules = rulesWith(WEIGHTS);

/** The rules with other learned points: to try out what was trained, or to compare with what was. */
export function rulesWith({ version, steps }: LearnedScore): Rules {
  const { amountBand, amountHistory, recentSpikes, customerFrauds, merchant } = JUDGEMENT;
  const runSteps = steps['merchant-frauds'];
  const runDaySteps = steps['merchant-run-days'];
  return {
    ...JUDGEMENT,
    version: `${JUDGEMENT.version}+${version}`,
    amountBand: { ...amountBand, steps: steps['amount-band'] },
    amountHistory: { ...amountHistory, steps: steps['amount-vs-history'] },
    recentSpikes: { ...recentSpikes, steps: steps['recent-spikes'] },
    customerFrauds: { ...customerFrauds, steps: steps['customer-frauds'] },
    merchant: { ...merchant, runSteps, runDaySteps },
  };
}

/** Shape of the rules; see `RULES` for what each says. */
export interface Rules {
  readonly version: string;
  readonly outcome: { readonly hold: number; readonly block: number };
  readonly overrides: readonly string[];
  readonly disagreementMax: number;
  readonly clears: {
    readonly customerDaysMin: number;
    readonly paymentsMin: number;
    readonly historyPointsMax: number;
  };
  readonly grey: {
    readonly from: number;
    readonly to: number;
    readonly pointsMax: number;
    readonly waitMs: number;
  };
  readonly contextWaitMs: number;
  readonly knownCustomerDays: number;
  readonly amountBand: { readonly scale: Readonly<Record<string, number>>; readonly steps: Steps };
  readonly amountHistory: { readonly paymentsMin: number; readonly steps: Steps };
  readonly recentSpikes: { readonly days: number; readonly ratioMin: number; readonly steps: Steps };
  readonly customerFrauds: { readonly days: number; readonly steps: Steps };
  readonly merchant: {
    readonly labelDelayDays: number;
    readonly windowDays: number;
    readonly runSteps: Steps;
    readonly runDaySteps: Steps;
  };
  readonly velocity: {
    readonly windowSeconds: number;
    readonly customer: Steps;
    readonly card: Steps;
    readonly ip: Steps;
    readonly freezeFrom: number;
  };
  readonly ipCards: { readonly windowSeconds: number; readonly steps: Steps };
  readonly country: { readonly cardBilling: number; readonly cardShipping: number; readonly both: number };
  readonly device: { readonly firstSeen: number; readonly paymentsMin: number };
  readonly customerAge: { readonly under1: number; readonly under7: number };
  readonly providerRisk: Readonly<Record<string, number>>;
  readonly takeover: { readonly amountRatioMin: number };
}

/** The points that `value` reaches. */
export function pointsAt(steps: Steps, value: number): number {
  let points = 0;
  for (const [from, given] of steps) {
    if (value < from) break;
    points = given;
  }
  return points;
}
