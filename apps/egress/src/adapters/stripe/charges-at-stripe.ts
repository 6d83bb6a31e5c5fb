import type { Stripe } from 'stripe';
import { Unsendable } from '../../failed-call.js';
import type { StripeAsk } from './stripe-act.js';

/** Under which name a charge is found again. */
export const CHARGE_REF = 'towpath_charge_ref';

const PAGE = 100;
const PAGES_MAX = 20;

/** The account's payment that `isIt`, newest first; undefined when it has none. Throws when it has more than can be looked through. */
export async function findPayment(
  stripe: Stripe,
  accountId: string,
  isIt: (payment: Stripe.PaymentIntent) => boolean,
): Promise<Stripe.PaymentIntent | undefined> {
  let after: string | undefined;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { data, has_more } = await stripe.paymentIntents.list({
      ...{ customer: accountId, limit: PAGE, expand: ['data.latest_charge'] },
      ...(after !== undefined && { starting_after: after }),
    });
    const found = data.find(isIt);
    if (found || !has_more) return found;
    after = data.at(-1)?.id;
  }
  throw new Error(`${accountId} has more than ${PAGE * PAGES_MAX} payments`);
}

/** Whether all of it went back. */
export function isRefunded({ latest_charge: charge }: Stripe.PaymentIntent): boolean {
  return typeof charge === 'object' && charge !== null && charge.refunded;
}

/** The payment that took the money under this name, the newest where there were several. */
export function findCharge(
  stripe: Stripe,
  { accountId, chargeRef }: { readonly accountId: string; readonly chargeRef: string },
): Promise<Stripe.PaymentIntent | undefined> {
  return findPayment(
    stripe,
    accountId,
    ({ metadata, status }) => metadata[CHARGE_REF] === chargeRef && status === 'succeeded',
  );
}

/** The payment method that is named, else the account's own. Throws Unsendable when it has none. */
export async function paymentMethodOf({
  stripe,
  data,
}: StripeAsk<{ readonly accountId: string; readonly paymentMethodId: string | null }>): Promise<string> {
  if (data.paymentMethodId !== null) return data.paymentMethodId;
  const customer = await stripe.customers.retrieve(data.accountId);
  const own = customer.deleted === true ? null : customer.invoice_settings.default_payment_method;
  if (own === null) throw new Unsendable('NO_PAYMENT_METHOD', `${data.accountId} has no payment method of its own`);
  return typeof own === 'string' ? own : own.id;
}
