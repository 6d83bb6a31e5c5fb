/** `[from, points]`, rising: the points of the last step whose `from` is reached; below the first, none. */
export type Steps = readonly (readonly [from: number, points: number])[];

/** The signals whose points are learned from labelled payments; the others are judgement, because no file tells of them. */
export const LEARNED = [
  'amount-band',
  'amount-vs-history',
  'recent-spikes',
  'customer-frauds',
  'merchant-frauds',
  'merchant-run-days',
] as const;
export type LearnedName = (typeof LEARNED)[number];

/** What training writes and the rules take in: one table of points per learned signal. */
export interface LearnedScore {
  /** changes with every training; part of the rules' version */
  readonly version: string;
  /** natural log-odds of fraud of a payment with 0 points */
  readonly base: number;
  readonly trained: {
    readonly rows: number;
    readonly frauds: number;
    /** days of the file that taught, counted from its first one: both included */
    readonly fromDay: number;
    readonly toDay: number;
    /** SHA-256 of the file's bytes */
    readonly data: string;
  };
  /**
   * Log-odds against the most common value of the signal, in multiples of 1/32: such numbers add up without rounding, so
   * that a score is exactly the sum of its signals' points, in whatever order they are added.
   */
  readonly steps: Readonly<Record<LearnedName, Steps>>;
}

/** Points are multiples of this. */
export const POINT_STEP = 1 / 32;
