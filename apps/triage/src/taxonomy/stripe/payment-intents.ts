import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { PaymentStatusChanged } from '@towpath/contracts/payments/PaymentStatusChanged.v1';
import { emit } from '@towpath/service-kit/message';
import { codeAt, fieldsAt, idAt, requiredCode, textAt } from '../fields.js';
import { accountOf, emailOf, recoveredPaymentOf } from './charge-facts.js';
import { moneyAt } from './money.js';
import type { StripeRoute } from './route.js';

export const intentStatusChanged: StripeRoute = ({ object, paymentId, at }) => [
  emit(PaymentStatusChanged, { paymentId, status: requiredCode(object, 'status'), ...moneyAt(object), changedAt: at }),
];

export const intentSucceeded: StripeRoute = ({ object, paymentId, at }) => {
  const money = moneyAt(object, 'amount_received');
  const chargeId = idAt(object, 'latest_charge');
  const recoversPaymentId = recoveredPaymentOf(object);
  return [emit(PaymentCaptured, { paymentId, chargeId, ...money, capturedAt: at, recoversPaymentId })];
};

export const intentCanceled: StripeRoute = ({ object, paymentId, at }) => [
  emit(PaymentCanceled, { paymentId, reason: codeAt(object, 'cancellation_reason'), canceledAt: at }),
];

export const intentFailed: StripeRoute = ({ object, paymentId, at, lookups }) => {
  const error = fieldsAt(object, 'last_payment_error');
  const method = fieldsAt(error, 'payment_method');
  const card = fieldsAt(method, 'card');
  const ip = textAt(fieldsAt(object, 'metadata'), 'ip');
  return [
    emit(PaymentFailed, {
      paymentId,
      chargeId: textAt(error, 'charge') ?? idAt(object, 'latest_charge'),
      accountId: accountOf(object, paymentId).accountId,
      ...moneyAt(object),
      declineCode: codeAt(error, 'decline_code'),
      failureCode: codeAt(error, 'code'),
      failureMessage: textAt(error, 'message'),
      cardFingerprint: codeAt(card, 'fingerprint'),
      ipHash: ip === null ? null : lookups.hash(ip),
      failedAt: at,
      email: emailOf(object, fieldsAt(method, 'billing_details')),
      invoiceId: idAt(object, 'invoice'),
    }),
  ];
};
