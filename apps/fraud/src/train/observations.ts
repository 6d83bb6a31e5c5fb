import { LEARNED, type LearnedName } from '../learned-score.js';
import { isGuest, type PaymentFacts } from '../payment-facts.js';
import { viewOfMerchant } from '../profiles/merchant-profile.js';
import type { Rules } from '../rules.js';
import { customerView, type Profiles } from '../score.decider.js';
import { majorUnits, timesTheMean } from '../signals/amount.js';

/** What each learned signal sees of one payment, in the order of `LEARNED`; undefined where it knows nothing. */
export function observationsOf(facts: PaymentFacts, profiles: Profiles, rules: Rules): (number | undefined)[] {
  const customer = isGuest(facts.accountId) ? undefined : customerView(facts, profiles.customer);
  const merchant = facts.merchantId === null ? undefined : viewOfMerchant(profiles.merchant, facts);
  const seen: Record<LearnedName, number | undefined> = {
    'amount-band': majorUnits(facts, rules),
    'amount-vs-history': timesTheMean(facts, customer, rules),
    'recent-spikes': customer?.spikes,
    'customer-frauds': customer?.frauds,
    'merchant-frauds': merchant?.run,
    'merchant-run-days': merchant?.runDays,
  };
  return LEARNED.map((name) => seen[name]);
}
