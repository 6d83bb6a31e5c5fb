/**
 * What the lender offers, and to whom. Money in minor units of the currency. Changing anything needs a new `version`; a spec
 * fails when one changes without the other.
 */
export const POLICY = {
  version: '2026-11-29.1',

  legalAgeYears: 18,
  currencies: ['EUR', 'USD', 'GBP'],
  amountMinor: { min: 50_000, max: 10_000_000 },
  termMonths: { min: 6, max: 120 },
  debtToIncomeMax: 0.5,

  /** Scores from here on are granted without a person, those below `declineBelow` refused; between them a person decides. */
  approveFrom: 620,
  declineBelow: 450,
  /** Above this a person decides whatever the score says, unless it is refused. */
  amountWithoutPersonMinorMax: 2_500_000,
  /** A model's risk level this many levels from the scorecard's goes to a person: neither outvotes the other. */
  modelLevelsApartMax: 0,

  /** How long the bureau is waited for. */
  reportWaitMs: 120_000,

  /** nominal interest a year, hundredths of a percent */
  aprBasisPoints: { low: 690, medium: 990, high: 1_490 },

  conditions: { proofOfIncomeAboveMinor: 1_000_000, employmentMonthsMin: 12, debtToldShareMin: 0.7 },
  reasonsMax: 4,
} as const satisfies Policy;

export type RiskLevel = 'low' | 'medium' | 'high';

export interface Policy {
  readonly version: string;
  readonly legalAgeYears: number;
  readonly currencies: readonly string[];
  readonly amountMinor: { readonly min: number; readonly max: number };
  readonly termMonths: { readonly min: number; readonly max: number };
  readonly debtToIncomeMax: number;
  readonly approveFrom: number;
  readonly declineBelow: number;
  readonly amountWithoutPersonMinorMax: number;
  readonly modelLevelsApartMax: number;
  readonly reportWaitMs: number;
  readonly aprBasisPoints: Readonly<Record<RiskLevel, number>>;
  readonly conditions: {
    readonly proofOfIncomeAboveMinor: number;
    readonly employmentMonthsMin: number;
    readonly debtToldShareMin: number;
  };
  readonly reasonsMax: number;
}
