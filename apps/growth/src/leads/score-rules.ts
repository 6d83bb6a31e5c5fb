/** Points with why, in words that a rep reads. */
type Rule = readonly [points: number, because: string];

export interface ScoreRules {
  readonly version: string;
  readonly hotFrom: number;
  readonly warmFrom: number;
  readonly signals: Readonly<Record<string, Rule>>;
  readonly otherSignals: Readonly<Record<'form' | 'product', Rule>>;
  readonly domains: Readonly<Record<'business' | 'free' | 'education' | 'public' | 'test', Rule>>;
  /** from the largest on */
  readonly sizes: readonly { readonly from: number; readonly points: number; readonly because: string }[];
  readonly seniorities: Readonly<Record<'decides' | 'leads' | 'works', Rule>>;
  readonly buyingInterests: readonly string[];
  readonly interest: number;
  readonly wrote: number;
  readonly eachSignal: number;
  readonly signalsMax: number;
  readonly customer: number;
  readonly purchased: number;
  readonly heavyUse: number;
  readonly heavyUseFrom: number;
}

/** How leads are scored. Changing anything needs a new `version`; a spec fails when one changes without the other. */
export const SCORE_RULES: ScoreRules = {
  version: '2026-11-30.1',
  hotFrom: 70,
  warmFrom: 40,
  signals: {
    'contact-sales': [40, 'they ask to talk to sales'],
    'request-demo': [38, 'they ask for a demonstration'],
    pricing: [32, 'they ask for a price'],
    limit_reached: [34, 'they use all that their plan gives'],
    trial_ending: [30, 'their trial is about to end'],
    seats_full: [34, 'no seat of their plan is free'],
    upgrade_viewed: [24, 'they looked at a larger plan'],
    newsletter: [6, 'they want to read what we write'],
    whitepaper: [14, 'they read up on the subject'],
  },
  otherSignals: {
    form: [18, 'they filled in a form'],
    product: [16, 'the product saw something that sales asked to hear of'],
  },
  domains: {
    business: [15, 'the address is a company’s'],
    free: [0, 'the address could be anybody’s'],
    education: [4, 'the address is a school’s or university’s'],
    public: [8, 'the address is a public body’s'],
    test: [-60, 'nobody can have this address'],
  },
  sizes: [
    { from: 1_000, points: 18, because: 'a company of this size needs the largest plans' },
    { from: 200, points: 16, because: 'a company of this size needs large plans' },
    { from: 20, points: 10, because: 'a company of this size needs more than the smallest plan' },
    { from: 1, points: 3, because: 'a small company' },
  ],
  seniorities: {
    decides: [14, 'the title is of somebody who decides'],
    leads: [9, 'the title is of somebody who leads'],
    works: [3, 'the title is of somebody who would use it'],
  },
  buyingInterests: ['pricing', 'security', 'sso', 'migration', 'contract', 'volume'],
  interest: 8,
  wrote: 5,
  eachSignal: 6,
  signalsMax: 3,
  customer: 10,
  purchased: 8,
  heavyUse: 8,
  heavyUseFrom: 1_000,
};
