import { CONTEXT_FIELDS, isGuest, type ContextField, type PaymentFacts } from './payment-facts.js';
import type { CardRow } from './profiles/card-profile.js';
import { viewOfCustomer, type CustomerRow, type CustomerView } from './profiles/customer-profile.js';
import { viewOfIp, type IpRow } from './profiles/ip-profile.js';
import { viewOfMerchant, type MerchantRow } from './profiles/merchant-profile.js';
import { ANALYSTS, disagreementOf, opinionOf, type Evidence, type Opinion } from './analysts.js';
import { RULES, type Rules } from './rules.js';
import { knownSince } from './signals/identity.js';
import { UNKNOWN, type Signal } from './signals/signal.js';
import { countedOnce } from './signals/velocity.js';

/** The rows a payment is judged by; absent where nothing was seen yet. */
export interface Profiles {
  readonly customer?: CustomerRow | undefined;
  readonly card?: CardRow | undefined;
  readonly ip?: IpRow | undefined;
  readonly merchant?: MerchantRow | undefined;
}

export type Outcome = 'approved' | 'held' | 'blocked';

/** Who decided: the score of the analysts, a rule that needs no score, a model that was asked in the grey zone. */
export type DecidedBy = 'analyst' | 'rules' | 'model';

export interface Assessment {
  readonly outcome: Outcome;
  readonly decidedBy: DecidedBy;
  /** exactly the sum of the signals' points */
  readonly score: number;
  readonly signals: readonly Signal[];
  /** one of each analyst, made alone */
  readonly opinions: readonly Opinion[];
  /** levels between the most trusting and the most suspicious opinion */
  readonly disagreement: number;
  /** why a person has to look although the score alone would not ask for one */
  readonly disputed: string | undefined;
  /** names of the signals that stayed unknown */
  readonly missing: readonly string[];
  /** why the whole account must stop, when it must */
  readonly freeze: string | undefined;
  /** the run that asked a model; null when none was heard */
  readonly runId: string | null;
  readonly rulesVersion: string;
}

/** What a model added to the analysts' view: one more signal, within bounds, and one more opinion. */
export interface ModelView {
  readonly signal: Signal;
  readonly opinion: Opinion;
  /** the run that asked it */
  readonly runId: string;
}

/**
 * Judges a payment by what was known before it. The same facts and rows give the same assessment, whenever it runs.
 *
 * The analysts look alone; their points add up, being log-odds. What no sum can settle goes to a person: opinions further
 * apart than `disagreementMax`. A rule that needs no score (a burst, many cards on an address) overrides both.
 */
export function assess(facts: PaymentFacts, profiles: Profiles, rules: Rules = RULES, model?: ModelView): Assessment {
  const { opinions, signals } = consult(evidenceOf(facts, profiles), rules, model);
  const score = scoreOf(signals);
  const disagreement = disagreementOf(opinions);
  const { outcome, freeze, disputed, decidedBy } = settle({ opinions, signals, score, disagreement }, rules);
  return {
    outcome,
    decidedBy: decidedBy === 'analyst' && model ? 'model' : decidedBy,
    ...{ score, signals, opinions, disagreement, disputed },
    missing: signals.filter(({ value }) => value === UNKNOWN).map(({ name }) => name),
    freeze: isGuest(facts.accountId) ? undefined : freeze,
    runId: model?.runId ?? null,
    rulesVersion: rules.version,
  };
}

/** Every analyst, alone; what a burst shows several of them is counted once. */
function consult(evidence: Evidence, rules: Rules, model?: ModelView): Pick<Assessment, 'opinions' | 'signals'> {
  const looked: Signal[] = [];
  const opinions: Opinion[] = [];
  for (const analyst of ANALYSTS) {
    const seen = analyst.look(evidence, rules);
    opinions.push(opinionOf(analyst, evidence, seen, rules));
    looked.push(...seen);
  }
  if (model) opinions.push(model.opinion);
  const once = countedOnce(looked);
  return { opinions, signals: model ? [...once, model.signal] : once };
}

/** What it comes to: a rule that needs no score, else a person where the analysts disagree, else the score. */
function settle(
  { opinions, signals, score, disagreement }: Pick<Assessment, 'opinions' | 'signals' | 'score' | 'disagreement'>,
  rules: Rules,
): Pick<Assessment, 'outcome' | 'freeze' | 'disputed' | 'decidedBy'> {
  const scored = outcomeAt(score, rules);
  const rule = overriding(signals, rules);
  const freeze = rule || scored === 'blocked' ? freezeReason(signals, rules) : undefined;
  if (rule || freeze !== undefined) return { outcome: 'blocked', freeze, disputed: undefined, decidedBy: 'rules' };
  const disputed = disagreement > rules.disagreementMax ? wordsOf(opinions, disagreement) : undefined;
  return { outcome: disputed === undefined ? scored : 'held', freeze, disputed, decidedBy: 'analyst' };
}

/** True when the analysts' score leaves it open enough that a model may be asked. */
export function isGrey({ score, decidedBy, disputed }: Assessment, { grey }: Rules = RULES): boolean {
  return decidedBy === 'analyst' && disputed === undefined && score >= grey.from && score < grey.to;
}

function evidenceOf(facts: PaymentFacts, profiles: Profiles): Evidence {
  return {
    facts,
    customer: isGuest(facts.accountId) ? undefined : customerView(facts, profiles.customer),
    card: profiles.card,
    ip: facts.ipHash === null ? undefined : viewOfIp(profiles.ip, facts),
    merchant: facts.merchantId === null ? undefined : viewOfMerchant(profiles.merchant, facts),
  };
}

function outcomeAt(score: number, { outcome }: Rules): Outcome {
  return score >= outcome.block ? 'blocked' : score >= outcome.hold ? 'held' : 'approved';
}

/** The hand-set rule that blocks by itself, when one does. */
function overriding(signals: readonly Signal[], { overrides, outcome }: Rules): Signal | undefined {
  return signals.find(({ name, points }) => points >= outcome.block && overrides.includes(name));
}

function wordsOf(opinions: readonly Opinion[], disagreement: number): string {
  const words = opinions.filter(({ stance }) => stance !== 'unknown' && stance !== 'unsure');
  return `the analysts are ${disagreement} levels apart: ${words.map(({ analyst, stance, because }) => `${analyst} ${stance} (${because})`).join(', ')}`;
}

/** The fields to ask the provider for before judging. */
export function missingContext(
  facts: PaymentFacts,
  customer: CustomerRow | undefined,
  rules: Rules = RULES,
): ContextField[] {
  return CONTEXT_FIELDS.filter((field) => {
    if (facts[field] !== null) return false;
    if (field !== 'customerCreatedAt') return true;
    return !isGuest(facts.accountId) && knownSince(facts, customer, rules) === undefined;
  });
}

const FIRST_PAYMENT: CustomerView = {
  since: Infinity,
  payments: 0,
  meanMinor: 0,
  spikes: 0,
  paymentsInWindow: 0,
  devices: 0,
  deviceSeen: false,
  frauds: 0,
};

/** What is known of a customer, who is no guest; without a row this is the first payment. */
export function customerView(facts: PaymentFacts, row: CustomerRow | undefined): CustomerView {
  return row ? viewOfCustomer(row, facts) : FIRST_PAYMENT;
}

/** Points are multiples of 1/32 (a spec holds them to it), so that sums are exact: nothing of a score is unaccounted for. */
function scoreOf(signals: readonly Signal[]): number {
  let sum = 0;
  for (const { points } of signals) sum += points;
  return sum;
}

function freezeReason(signals: readonly Signal[], rules: Rules): string | undefined {
  const by = (name: string): Signal | undefined => signals.find((one) => one.name === name);
  const rapid = ['velocity-customer', 'velocity-card'].map(by);
  const burst = rapid.find((one) => one && one.value !== UNKNOWN && Number(one.value) >= rules.velocity.freezeFrom);
  if (burst) return `rapid fire: ${burst.evidence}`;
  const ratio = Number(by('amount-vs-history')?.value);
  const foreign = (by('country')?.points ?? 0) > 0 || by('provider-risk')?.value === 'highest';
  if (by('device')?.value === 'first-seen' && ratio >= rules.takeover.amountRatioMin && foreign) {
    return `account takeover: first-seen device, ${ratio} times the mean, foreign card or highest risk`;
  }
  return undefined;
}
