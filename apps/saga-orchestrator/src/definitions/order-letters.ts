import type { RefundPosted } from '@towpath/contracts/commerce/RefundPosted.v1';
import type { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import type { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import type { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import { moneyText } from './money-text.js';

/** What the customer of an order is told once it is on its way. */
export function orderConfirmed(orderId: string, order: OrderPlaced): SendMail {
  const { customerId, email, name, itemsText, amountMinor, currency } = order;
  return letter(`order-confirmed_${orderId}`, { customerId, email }, `Your order ${orderId} is on its way`, [
    `Hello ${name},`,
    `we received ${moneyText(amountMinor, currency)} for your order ${orderId}, and the parcel is on its way:`,
    itemsText,
    'Thank you for your order.',
  ]);
}

const HOW_PAID: Readonly<Record<string, string>> = {
  credit:
    'Your bank would not take it back, so we added it to your credit with us, which the next order uses. Answer this mail if you need it in another way.',
};
const TO_THE_CARD = 'It goes back to what you paid with and arrives within some days.';

/** What the customer of a refund is told once it is paid. */
export function refundPaid(refundId: string, asked: RefundRequested, posted: RefundPosted): SendMail {
  const { orderId, amountMinor, currency, method } = posted;
  return letter(`refund-paid_${refundId}`, asked, `Your refund for order ${orderId}`, [
    'Hello,',
    `we gave you back ${moneyText(amountMinor, currency)} of your order ${orderId}.`,
    HOW_PAID[method] ?? TO_THE_CARD,
  ]);
}

function letter(
  mailId: string,
  { customerId, email }: { readonly customerId: string; readonly email: string },
  subject: string,
  paragraphs: readonly string[],
): SendMail {
  const text = paragraphs.join('\n\n');
  return { mailId, recipientId: customerId, to: email, subject, text, inReplyTo: null, approvalHash: null };
}
