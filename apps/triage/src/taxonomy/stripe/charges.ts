import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { PaymentRefunded } from '@towpath/contracts/payments/PaymentRefunded.v1';
import { emit } from '@towpath/service-kit/message';
import { codeAt, fieldsAt, idAt, requiredText, secondsAt, textAt } from '../fields.js';
import { accountOf, chargeFacts, connectedAccountOf, recoveredPaymentOf } from './charge-facts.js';
import { moneyAt } from './money.js';
import type { StripeRoute } from './route.js';

export const chargeSucceeded: StripeRoute = ({ object, paymentId, at, lookups, eventAccount }) => [
  emit(ChargeSucceeded, {
    paymentId,
    chargeId: requiredText(object, 'id'),
    ...accountOf(object, paymentId),
    ...moneyAt(object),
    captured: object['captured'] === true,
    chargedAt: secondsAt(object, 'created') ?? at,
    ...chargeFacts(object, lookups),
    connectedAccountId: connectedAccountOf(object, eventAccount),
    recoversPaymentId: recoveredPaymentOf(object),
  }),
];

export const chargeFailed: StripeRoute = ({ object, paymentId, at, lookups }) => {
  const { cardFingerprint, ipHash, email } = chargeFacts(object, lookups);
  return [
    emit(PaymentFailed, {
      paymentId,
      chargeId: textAt(object, 'id'),
      accountId: accountOf(object, paymentId).accountId,
      ...moneyAt(object),
      declineCode: codeAt(fieldsAt(object, 'outcome'), 'reason'),
      failureCode: codeAt(object, 'failure_code'),
      failureMessage: textAt(object, 'failure_message'),
      cardFingerprint,
      ipHash,
      failedAt: at,
      email,
      invoiceId: idAt(object, 'invoice'),
    }),
  ];
};

export const chargeCaptured: StripeRoute = ({ object, paymentId, at }) => {
  const { currency } = moneyAt(object);
  const { amountMinor } = moneyAt(object, 'amount_captured');
  const chargeId = textAt(object, 'id');
  const recoversPaymentId = recoveredPaymentOf(object);
  return [emit(PaymentCaptured, { paymentId, chargeId, amountMinor, currency, capturedAt: at, recoversPaymentId })];
};

export const chargeRefunded: StripeRoute = ({ object, paymentId, at }) => {
  const { amountMinor, currency } = moneyAt(object, 'amount_refunded');
  const refunded = { amountRefundedMinor: amountMinor, currency, refundedAt: at };
  return [emit(PaymentRefunded, { paymentId, chargeId: textAt(object, 'id'), ...refunded })];
};
