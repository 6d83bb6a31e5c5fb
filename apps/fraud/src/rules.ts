/** `[from, points]`, rising: the points of the last step whose `from` is reached; below the first, none. */
export type Steps = readonly (readonly [from: number, points: number])[];

/**
 * The one reviewed file of rules and weights. Points are about natural log-odds, so that sums of independent evidence
 * mean something: 0 is an ordinary payment; from `hold` on about one in three is fraud, from `block` on nearly all are.
 *
 * Measured by `npm run eval`; what no file of card payments tells (addresses, devices, countries, bursts) is judgement.
 *
 * Changing anything here needs a new `version`, because each decision records the version that made it; a spec fails
 * when one changes without the other.
 */
export const RULES = {
  version: '2026-11-20.2',

  outcome: { hold: 5, block: 8.5 },

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
    steps: [
      [150, 0.3],
      [190, 1],
      [220, 4.8],
    ],
  },

  /** Times the customer's own mean of 30 days in the same currency. */
  amountHistory: {
    paymentsMin: 3,
    steps: [
      [2, 0.6],
      [2.25, 1.4],
      [2.5, 2.6],
      [3, 4.2],
      [4, 5.5],
    ],
  },

  /** Payments of the last 14 days that were at least 3 times the customer's mean when they came. */
  recentSpikes: {
    days: 14,
    ratioMin: 3,
    steps: [
      [1, 2.5],
      [2, 3.4],
    ],
  },

  /** Confirmed frauds of the customer's own payments in 28 days. */
  customerFrauds: {
    days: 28,
    steps: [[1, 0.3]],
  },

  /**
   * Confirmed frauds at the terminal or merchant that no honest payment has followed yet. Disputes come late, so only
   * payments older than `labelDelayDays` count as honest; the longest runs are the ones that somebody stops.
   */
  merchant: {
    labelDelayDays: 7,
    windowDays: 28,
    brokenRunPoints: 0,
    runSteps: [
      [1, 2.4],
      [2, 4.6],
      [3, 6.7],
      [4, 8.6],
      [10, 7.8],
      [15, 6.7],
      [20, 5],
    ],
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
} as const satisfies Rules;

/** Shape of the rules; see `RULES` for what each says. */
export interface Rules {
  readonly version: string;
  readonly outcome: { readonly hold: number; readonly block: number };
  readonly contextWaitMs: number;
  readonly knownCustomerDays: number;
  readonly amountBand: { readonly scale: Readonly<Record<string, number>>; readonly steps: Steps };
  readonly amountHistory: { readonly paymentsMin: number; readonly steps: Steps };
  readonly recentSpikes: { readonly days: number; readonly ratioMin: number; readonly steps: Steps };
  readonly customerFrauds: { readonly days: number; readonly steps: Steps };
  readonly merchant: {
    readonly labelDelayDays: number;
    readonly windowDays: number;
    readonly brokenRunPoints: number;
    readonly runSteps: Steps;
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
