import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { fraudCase, isOpenAuthorisation, isRefused } from './fraud-case.js';
import { giveBack, MONEY_COMMANDS } from './money-commands.js';
import { closeReview, REVIEW_CLOSING } from './reviews.js';

const EMITS = [FraudCaseUpdated, ...MONEY_COMMANDS, ...REVIEW_CLOSING] as const;

/**
 * The account of an earlier payment was frozen: an authorisation that is still open is cancelled. It hears the timer
 * that the freeze set for each of the account's cases.
 */
@Handles(FraudCaseUpdated, { emits: EMITS })
export class CancelForFrozenAccount implements Handler<typeof FraudCaseUpdated, typeof EMITS> {
  reads({ data }: Received<typeof FraudCaseUpdated>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof FraudCaseUpdated>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const before = state.of(fraudCase, data.paymentId);
    const { facts, decision } = before;
    if (data.change !== AccountFrozen.type || !facts) return [];
    // An undecided case is blocked by its own decision; a refused one has its cancellation already.
    if (decision === undefined || isRefused(before) || !isOpenAuthorisation(before)) return [];
    const reason = 'the account was frozen';
    return [
      emit(FraudCaseUpdated, { ...data, status: before.status }),
      ...giveBack(before, facts, reason),
      ...closeReview(before, { outcome: 'rejected', actor: null, reason, at: state.now }),
    ];
  }
}
