import { DisputeClosed } from '@towpath/contracts/payments/DisputeClosed.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { RefundUpdated } from '@towpath/contracts/payments/RefundUpdated.v1';
import { emit } from '@towpath/service-kit/message';
import { BodyInvalid, codeAt, idAt, requiredCode, requiredText, type Fields } from '../fields.js';
import { moneyAt } from './money.js';
import type { StripeRoute } from './route.js';

export const disputeOpened: StripeRoute = ({ object, paymentId, at }) => [
  emit(DisputeOpened, { ...disputeOf(object, paymentId), reason: codeAt(object, 'reason') ?? 'unknown', openedAt: at }),
];

export const disputeFundsWithdrawn: StripeRoute = ({ object, paymentId, at }) => [
  emit(DisputeFundsWithdrawn, { ...disputeOf(object, paymentId), withdrawnAt: at }),
];

export const disputeClosed: StripeRoute = ({ object, paymentId, at }) => {
  const { chargeId, disputeId } = disputeOf(object, paymentId);
  return [
    emit(DisputeClosed, { paymentId, chargeId, disputeId, status: requiredCode(object, 'status'), closedAt: at }),
  ];
};

export const refundUpdated: StripeRoute = ({ object, paymentId, at }) => {
  const refund = { refundId: requiredText(object, 'id'), status: codeAt(object, 'status'), ...moneyAt(object) };
  return [emit(RefundUpdated, { paymentId, chargeId: idAt(object, 'charge'), ...refund, updatedAt: at })];
};

function disputeOf(object: Fields, paymentId: string) {
  const chargeId = idAt(object, 'charge');
  if (chargeId === null) throw new BodyInvalid('charge must name the disputed charge');
  return { paymentId, chargeId, disputeId: requiredText(object, 'id'), ...moneyAt(object) };
}
