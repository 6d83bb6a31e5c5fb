/** `[from, points]`, rising: the points of the last step whose `from` is reached. */
export type Steps = readonly (readonly [from: number, points: number])[];

/**
 * The reviewed scorecard. 1,000 points are perfect; all are whole numbers, so that a score is exactly the sum of its parts.
 * What is not listed here can't enter a score: not the name, the address, the sex, nor the age beyond the legal minimum.
 * Changing anything needs a new `version`; a spec fails when one changes without the other.
 */
export const SCORECARD = {
  version: '2026-11-29.1',

  /** share of the bureau's own scale */
  bureauScore: { pointsMax: 350, unknown: 120 },
  /** payments more than 30 days late in 24 months */
  delinquencies: {
    pointsMax: 200,
    unknown: 60,
    steps: [
      [0, 200],
      [1, 120],
      [2, 60],
      [3, 0],
    ],
  },
  /** share of the income that debts take, this loan's payment included */
  debtToIncome: {
    pointsMax: 200,
    steps: [
      [0, 200],
      [0.2, 150],
      [0.3, 110],
      [0.36, 60],
      [0.43, 20],
      [0.5, 0],
    ],
  },
  /** share of the credit lines that is used, percent */
  utilisation: {
    pointsMax: 100,
    unknown: 50,
    steps: [
      [0, 100],
      [10, 80],
      [30, 50],
      [50, 20],
      [75, 0],
    ],
  },
  /** months since the first account */
  creditHistory: {
    pointsMax: 75,
    unknown: 0,
    steps: [
      [0, 0],
      [12, 15],
      [24, 35],
      [48, 55],
      [84, 75],
    ],
  },
  /** times somebody asked the bureau in 6 months */
  inquiries: {
    pointsMax: 50,
    unknown: 25,
    steps: [
      [0, 50],
      [2, 35],
      [3, 20],
      [4, 0],
    ],
  },
  /** months with the employer */
  employment: {
    pointsMax: 25,
    steps: [
      [0, 0],
      [1, 5],
      [6, 10],
      [12, 18],
      [24, 25],
    ],
  },

  riskLevels: { low: 700, medium: 500 },
} as const satisfies Scorecard;

export interface Scorecard {
  readonly version: string;
  readonly bureauScore: { readonly pointsMax: number; readonly unknown: number };
  readonly delinquencies: StepsOrUnknown;
  readonly debtToIncome: { readonly pointsMax: number; readonly steps: Steps };
  readonly utilisation: StepsOrUnknown;
  readonly creditHistory: StepsOrUnknown;
  readonly inquiries: StepsOrUnknown;
  readonly employment: { readonly pointsMax: number; readonly steps: Steps };
  readonly riskLevels: { readonly low: number; readonly medium: number };
}

interface StepsOrUnknown {
  readonly pointsMax: number;
  /** points when the bureau does not tell */
  readonly unknown: number;
  readonly steps: Steps;
}

/** The points that `value` reaches; those of the first step below it. */
export function pointsAt(steps: Steps, value: number): number {
  let points = steps[0]?.[1] ?? 0;
  for (const [from, given] of steps) {
    if (value < from) break;
    points = given;
  }
  return points;
}
