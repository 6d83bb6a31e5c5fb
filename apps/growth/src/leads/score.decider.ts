import type { LeadScored } from '@towpath/contracts/growth/LeadScored.v1';
import type { LeadEnriched } from '@towpath/contracts/growth/LeadEnriched.v1';
import { SCORE_RULES, type ScoreRules } from './score-rules.js';

export type Grade = 'hot' | 'warm' | 'cold';
export type Factor = LeadScored['factors'][number];

/** A score with everything it is made of. */
export interface LeadScore {
  /** from 0 to 100 */
  readonly score: number;
  readonly grade: Grade;
  readonly factors: readonly Factor[];
}

export type Enriched = Omit<LeadEnriched, 'enrichedAt'>;

/** How likely somebody is to buy, by what is known of them. Each factor says in words why it gives its points; they add up to the score. */
export function scoreOf(lead: Enriched, rules: ScoreRules = SCORE_RULES): LeadScore {
  const factors = [
    signalFactor(lead, rules),
    domainFactor(lead, rules),
    ...sizeFactor(lead, rules),
    ...seniorityFactor(lead, rules),
    ...interestFactor(lead, rules),
    ...historyFactors(lead, rules),
  ];
  const sum = factors.reduce((total, { points }) => total + points, 0);
  const score = Math.min(100, Math.max(0, sum));
  if (score !== sum) factors.push(factor('bounds', String(sum), score - sum, 'a score is from 0 to 100'));
  return { score, grade: gradeOf(score, rules), factors };
}

export function gradeOf(score: number, { hotFrom, warmFrom }: ScoreRules = SCORE_RULES): Grade {
  if (score >= hotFrom) return 'hot';
  return score >= warmFrom ? 'warm' : 'cold';
}

function signalFactor({ kind, code, product }: Enriched, rules: ScoreRules): Factor {
  const [points, because] = rules.signals[code] ?? rules.otherSignals[kind === 'form' ? 'form' : 'product'];
  return factor('signal', product === null ? code : `${product}/${code}`, points, because);
}

function domainFactor({ domain }: Enriched, { domains }: ScoreRules): Factor {
  const [points, because] = domains[domain as keyof typeof domains];
  return factor('domain', domain, points, because);
}

function sizeFactor({ employees }: Enriched, { sizes }: ScoreRules): Factor[] {
  if (employees === null) return [];
  const found = sizes.find(({ from }) => employees >= from);
  return found ? [factor('employees', String(employees), found.points, found.because)] : [];
}

function seniorityFactor({ seniority }: Enriched, { seniorities }: ScoreRules): Factor[] {
  const found = seniorities[seniority as keyof typeof seniorities];
  return found ? [factor('seniority', seniority, found[0], found[1])] : [];
}

function interestFactor({ interests, wrote }: Enriched, rules: ScoreRules): Factor[] {
  const asks = interests.filter((one) => rules.buyingInterests.includes(one));
  return [
    ...(asks.length > 0
      ? [factor('interests', asks.join(' '), rules.interest, 'they ask about what buyers ask about')]
      : []),
    ...(wrote ? [factor('message', 'yes', rules.wrote, 'they took the time to write')] : []),
  ];
}

function historyFactors({ signals, isCustomer, plan, purchases, count }: Enriched, rules: ScoreRules): Factor[] {
  const more = Math.min(signals - 1, rules.signalsMax);
  return [
    ...(more > 0
      ? [factor('signals', String(signals), more * rules.eachSignal, 'it is not their first sign within 30 days')]
      : []),
    ...(isCustomer ? [factor('customer', plan ?? 'yes', rules.customer, 'they are a customer already')] : []),
    ...(purchases > 0 ? [factor('purchases', String(purchases), rules.purchased, 'they bought before')] : []),
    ...(count !== null && count >= rules.heavyUseFrom
      ? [factor('use', String(count), rules.heavyUse, 'they use the product a lot')]
      : []),
  ];
}

function factor(name: string, value: string, points: number, because: string): Factor {
  return { name, value, points, because };
}
