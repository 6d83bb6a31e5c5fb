import { ProviderReviewOpened } from '@towpath/contracts/payments/ProviderReviewOpened.v1';
import { emit } from '@towpath/service-kit/message';
import { codeAt, requiredText, textAt } from '../fields.js';
import type { StripeRoute } from './route.js';

export const reviewOpened: StripeRoute = ({ object, paymentId, at, lookups }) => {
  const ip = textAt(object, 'ip_address');
  return [
    emit(ProviderReviewOpened, {
      paymentId,
      // A review names no customer; its address is kept under the payment's own key.
      accountId: `guest_${paymentId}`,
      providerReviewId: requiredText(object, 'id'),
      reason: codeAt(object, 'reason'),
      ip,
      ipHash: ip === null ? null : lookups.hash(ip),
      openedAt: at,
    }),
  ];
};
