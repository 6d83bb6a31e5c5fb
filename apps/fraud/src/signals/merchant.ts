import type { CustomerView } from '../profiles/customer-profile.js';
import type { MerchantView } from '../profiles/merchant-profile.js';
import { pointsAt, type Rules } from '../rules.js';
import { signal, unknown, type Signal } from './signal.js';

/** Confirmed frauds at the terminal or merchant that no honest payment has followed yet. */
export function merchantFrauds(merchant: MerchantView | undefined, rules: Rules): Signal {
  if (!merchant) return unknown('merchant-frauds', 'no terminal or merchant');
  const { frauds, honestSince } = merchant;
  if (frauds === 0) return signal('merchant-frauds', 0, 0, 'no confirmed fraud');
  const { runSteps, brokenRunPoints } = rules.merchant;
  const points = honestSince === 0 ? pointsAt(runSteps, frauds) : brokenRunPoints;
  return signal('merchant-frauds', frauds, points, `${frauds} confirmed, ${honestSince} honest payments since`);
}

/** Confirmed frauds with the customer's own payments. */
export function customerFrauds(customer: CustomerView | undefined, rules: Rules): Signal {
  if (!customer) return unknown('customer-frauds', 'no history of the customer');
  const { days, steps } = rules.customerFrauds;
  return signal('customer-frauds', customer.frauds, pointsAt(steps, customer.frauds), `confirmed in ${days} days`);
}
