import { isGuest, secondsOf, SECONDS_PER_DAY, type PaymentFacts } from '../payment-facts.js';
import type { CustomerView } from '../profiles/customer-profile.js';
import type { Rules } from '../rules.js';
import { signal, unknown, type Signal } from './signal.js';

const DAY_MS = SECONDS_PER_DAY * 1000;

/** Does the card come from where the goods or the bill go? */
export function country(facts: PaymentFacts, rules: Rules): Signal {
  const { cardCountry, billingCountry, shippingCountry } = facts;
  if (cardCountry === null) return unknown('country', 'no country of the card');
  if (billingCountry === null && shippingCountry === null) return unknown('country', 'no billing or shipping country');
  const billing = billingCountry !== null && billingCountry !== cardCountry;
  const shipping = shippingCountry !== null && shippingCountry !== cardCountry;
  const evidence = `card ${cardCountry}, billing ${billingCountry ?? '?'}, shipping ${shippingCountry ?? '?'}`;
  if (billing && shipping) return signal('country', 'mismatch', rules.country.both, evidence);
  if (shipping) return signal('country', 'shipping-mismatch', rules.country.cardShipping, evidence);
  if (billing) return signal('country', 'billing-mismatch', rules.country.cardBilling, evidence);
  return signal('country', 'match', 0, evidence);
}

/** Has the customer paid from this device before? */
export function device(facts: PaymentFacts, customer: CustomerView | undefined, rules: Rules): Signal {
  if (facts.deviceHash === null) return unknown('device', 'no device');
  if (!customer) return unknown('device', 'guest');
  const { devices, deviceSeen, payments } = customer;
  if (deviceSeen) return signal('device', 'known', 0, `one of ${devices}`);
  if (devices === 0 || payments < rules.device.paymentsMin) {
    return signal('device', 'first-device', 0, 'nothing to compare it with');
  }
  return signal('device', 'first-seen', rules.device.firstSeen, `${devices} other devices before`);
}

/** How long has the customer been one? Own history stands in for the provider's date. */
export function customerAge(facts: PaymentFacts, customer: CustomerView | undefined, rules: Rules): Signal {
  if (isGuest(facts.accountId)) return unknown('customer-age', 'guest');
  const since = knownSince(facts, customer, rules);
  if (since === undefined) return unknown('customer-age', 'no date from the provider');
  // A day allows for clocks; a customer made long after the charge says nothing about who paid.
  if (since > facts.chargedAt + DAY_MS) return unknown('customer-age', 'the customer was made after the charge');
  const days = Math.max(0, Math.floor((facts.chargedAt - since) / DAY_MS));
  const { under1, under7 } = rules.customerAge;
  return signal('customer-age', days, days < 1 ? under1 : days < 7 ? under7 : 0, `${days} days`);
}

/** Start of the customer, milliseconds since the epoch: the provider's date, else own history that is long enough. */
export function knownSince(
  facts: PaymentFacts,
  customer: Pick<CustomerView, 'since'> | undefined,
  rules: Rules,
): number | undefined {
  if (facts.customerCreatedAt !== null) return facts.customerCreatedAt;
  if (!customer) return undefined;
  const days = (secondsOf(facts.chargedAt) - customer.since) / SECONDS_PER_DAY;
  return days >= rules.knownCustomerDays ? customer.since * 1000 : undefined;
}

/** The provider's own verdict. */
export function providerRisk(facts: PaymentFacts, rules: Rules): Signal {
  const { riskLevel } = facts;
  const points = riskLevel === null ? undefined : rules.providerRisk[riskLevel];
  if (riskLevel === null || points === undefined) {
    return unknown('provider-risk', riskLevel === null ? 'not told' : `level ${riskLevel} has no weight`);
  }
  return signal('provider-risk', riskLevel, points, 'verdict of the provider');
}
