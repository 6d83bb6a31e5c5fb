import type { CustomerView } from '../profiles/customer-profile.js';
import type { MerchantView } from '../profiles/merchant-profile.js';
import { pointsAt, type Rules } from '../rules.js';
import { signal, unknown, type Signal } from './signal.js';

/** Confirmed frauds at the terminal or merchant that no honest payment has followed yet. */
export function merchantFrauds(merchant: MerchantView | undefined, rules: Rules): Signal {
  if (!merchant) return unknown('merchant-frauds', 'no terminal or merchant');
  const { frauds, honestSince } = merchant;
  const points = pointsAt(rules.merchant.runSteps, merchant.run);
  if (frauds === 0) return signal('merchant-frauds', 0, points, 'no confirmed fraud');
  return signal('merchant-frauds', frauds, points, `${frauds} confirmed, ${honestSince} honest payments since`);
}

/** How long such a run has lasted: somebody stops the longest ones. */
export function merchantRunDays(merchant: MerchantView | undefined, rules: Rules): Signal {
  if (!merchant) return unknown('merchant-run-days', 'no terminal or merchant');
  const { runDays: days } = merchant;
  if (days === undefined) return signal('merchant-run-days', 'none', 0, 'no run of frauds');
  return signal(
    'merchant-run-days',
    days,
    pointsAt(rules.merchant.runDaySteps, days),
    `first of the run ${days} days ago`,
  );
}

/** Confirmed frauds with the customer's own payments. */
export function customerFrauds(customer: CustomerView | undefined, rules: Rules): Signal {
  if (!customer) return unknown('customer-frauds', 'no history of the customer');
  const { days, steps } = rules.customerFrauds;
  return signal('customer-frauds', customer.frauds, pointsAt(steps, customer.frauds), `confirmed in ${days} days`);
}
