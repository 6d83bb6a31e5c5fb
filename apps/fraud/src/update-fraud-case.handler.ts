import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { DisputeClosed } from '@towpath/contracts/payments/DisputeClosed.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { PaymentRefunded } from '@towpath/contracts/payments/PaymentRefunded.v1';
import { PaymentStatusChanged } from '@towpath/contracts/payments/PaymentStatusChanged.v1';
import { ProviderReviewOpened } from '@towpath/contracts/payments/ProviderReviewOpened.v1';
import { RefundUpdated } from '@towpath/contracts/payments/RefundUpdated.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noted, type Sight } from './case-note.js';
import { fraudCase, type FraudCase, type MoneyStatus } from './fraud-case.js';
import { MONEY_MOVED_EMITS, moneyMoved } from './money-moved.js';
import { cards } from './profiles/cards.projection.js';
import { ips } from './profiles/ips.projection.js';

type PaymentEvent =
  | typeof PaymentFailed
  | typeof PaymentCaptured
  | typeof PaymentCanceled
  | typeof PaymentRefunded
  | typeof PaymentStatusChanged
  | typeof ProviderReviewOpened
  | typeof DisputeFundsWithdrawn
  | typeof DisputeClosed
  | typeof RefundUpdated;

const EMITS = [FraudCaseUpdated, ...MONEY_MOVED_EMITS] as const;

/** The payment's other events, before or after its charge: they update the case and never decide it. */
@Handles(PaymentFailed, { emits: EMITS })
@Handles(PaymentCaptured, { emits: EMITS })
@Handles(PaymentCanceled, { emits: EMITS })
@Handles(PaymentRefunded, { emits: EMITS })
@Handles(PaymentStatusChanged, { emits: EMITS })
@Handles(ProviderReviewOpened, { emits: EMITS })
@Handles(DisputeFundsWithdrawn, { emits: EMITS })
@Handles(DisputeClosed, { emits: EMITS })
@Handles(RefundUpdated, { emits: EMITS })
export class UpdateFraudCase implements Handler<PaymentEvent, typeof EMITS> {
  reads({ data }: Received<PaymentEvent>): Reads {
    const streams = [fraudCase.of(data.paymentId)];
    if (!('failedAt' in data)) return { streams };
    const { cardFingerprint, ipHash } = data;
    const card = cardFingerprint === null ? [] : [cards.at(cardFingerprint)];
    return { streams, rows: ipHash === null ? card : [...card, ips.at(ipHash)] };
  }

  handle(message: Received<PaymentEvent>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { data, type } = message;
    const before = state.of(fraudCase, data.paymentId);
    const { status = before.status, at } = changeOf(before, message);
    const sight = { change: type, status, at, ...('failedAt' in data && { attempt: attemptOf(data) }) };
    return [noted(data.paymentId, before, sight), ...moneyMoved(before, status, state.now)];
  }
}

const STATUS_OF_PROVIDER: Readonly<Record<string, MoneyStatus>> = {
  requires_capture: 'authorised',
  succeeded: 'captured',
  canceled: 'canceled',
};

interface Change {
  /** absent when the event says nothing of where the money is */
  readonly status?: MoneyStatus | undefined;
  /** when the provider says it happened, milliseconds since the epoch */
  readonly at: number;
}

function changeOf(before: FraudCase, { type, data }: Received<PaymentEvent>): Change {
  switch (type) {
    case PaymentFailed.type:
      return { status: 'failed', at: (data as PaymentFailed).failedAt };
    case PaymentCaptured.type:
      return { status: 'captured', at: (data as PaymentCaptured).capturedAt };
    case PaymentCanceled.type:
      return { status: 'canceled', at: (data as PaymentCanceled).canceledAt };
    case PaymentRefunded.type:
      return refundOf(before, data as PaymentRefunded);
    case PaymentStatusChanged.type: {
      const { status, changedAt } = data as PaymentStatusChanged;
      return { status: STATUS_OF_PROVIDER[status], at: changedAt };
    }
    case DisputeFundsWithdrawn.type:
      return { status: 'disputed', at: (data as DisputeFundsWithdrawn).withdrawnAt };
    case DisputeClosed.type:
      return { at: (data as DisputeClosed).closedAt };
    case RefundUpdated.type:
      return { at: (data as RefundUpdated).updatedAt };
    case ProviderReviewOpened.type:
      return { at: (data as ProviderReviewOpened).openedAt };
  }
}

/** Providers tell of one failed attempt by several events; its charge is the same in all. */
function attemptOf({ chargeId, paymentId, cardFingerprint, ipHash }: PaymentFailed): NonNullable<Sight['attempt']> {
  return { attemptId: chargeId ?? paymentId, cardFingerprint, ipHash };
}

/** A part of the money that went back leaves the rest where it was. */
function refundOf(before: FraudCase, { amountRefundedMinor, refundedAt }: PaymentRefunded): Change {
  const whole = amountRefundedMinor >= (before.facts?.amountMinor ?? 0);
  return { status: whole ? 'refunded' : undefined, at: refundedAt };
}
