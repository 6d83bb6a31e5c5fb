import { contractOf } from '@towpath/contracts/catalogue';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { RetrySagaStep } from '@towpath/contracts/sagas/RetrySagaStep.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaStepRetried } from '@towpath/contracts/sagas/SagaStepRetried.v1';
import { SagaStepSkipped } from '@towpath/contracts/sagas/SagaStepSkipped.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import { ask } from '@towpath/sagas/ask';
import { saga } from '@towpath/sagas/saga';
import type { DecisionState } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { fourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { DecideSagaReview } from './decide-saga-review.handler.js';
import { emissionsOf, waitReview, waitReviewId } from './emissions.js';
import { needsHumanReview, needsHumanReviewId } from './needs-human.js';
import { Registry } from './registry.js';
import { RetryOneStep } from './retry-saga-step.handler.js';
import { cancel } from './steering.js';
import { SpecSaga, specSaga } from './steering.fixture.js';

const payment = { paymentId: 'pi_1', accountId: 'cus_1', chargeId: null, amountMinor: 1, currency: 'EUR', reason: '' };
const step = {
  ...{ do: () => ask(CapturePayment, payment), undo: () => ask(RefundPayment, payment) },
  ...{ done: EffectConfirmed, failed: EffectFailed, timeoutMs: 1_000 },
} as const;
const withApproval = saga('approved', { version: 1 })
  .startsWith(AccountUnfrozen, ({ accountId }) => accountId)
  .step('charge', step)
  .waitFor('approval', {
    person: ({ now }) => ({ reason: 'dear', evidence: { at: now.getTime() } }),
    timeoutMs: 60_000,
  })
  .step('ship', step)
  .build();

const registry = new Registry([specSaga, withApproval]);
const desk = new ReviewDesk('saga-orchestrator', fourEyesLimits());
const decider = new DecideSagaReview(desk, registry);
const names = (emissions: readonly Emission[]): string[] => emissions.map(({ contract }) => contract.name);

/** The instance's stream under what a handler reads, and the review that was asked. */
function stateOf(instance: SpecSaga, reviews: readonly Emission[] = []): DecisionState {
  const asked = reviews.map(({ contract, data }, index): DomainEvent => {
    const metadata = { correlationId: '', causationId: '', hops: 0, handler: '' };
    return { id: `r${index}`, stream: 'review', type: contract.type, data, metadata, occurredAt: new Date(0) };
  });
  return {
    now: new Date(instance.now),
    of: <State>(aggregate: Aggregate<State>) =>
      fold(aggregate, aggregate.stream === 'review' ? asked : instance.events),
    row: () => undefined,
    opened: () => undefined,
  };
}

const received = <T extends object>(data: T) => ({ data }) as unknown as Received<never> & { readonly data: T };

function decided(
  instance: SpecSaga,
  reviewId: string,
  decision: string,
  reviews: readonly Emission[],
): readonly Emission[] {
  const by = { actor: 'ada', role: 'admin', reasonCode: 'ok', reason: 'looked at it', personId: '', edited: null };
  const about = { service: 'saga-orchestrator', subjectType: 'saga', subjectId: instance.sagaId, actionHash: null };
  const data: DecideReview = { ...by, ...about, reviewId, decision };
  return decider.handle(received(data), stateOf(instance, reviews));
}

/** The undo of charge is refused for good. */
function stuck(): { instance: SpecSaga; review: Emission; reviewId: string } {
  const instance = new SpecSaga().confirm().refuse().refuseForGood();
  const review = requestReview(needsHumanReview(instance.definition, instance.state));
  return { instance, review, reviewId: needsHumanReviewId(instance.sagaId) };
}

describe('the review of a saga that can not go on', () => {
  it('is asked in the decision that stops it', () => {
    const instance = new SpecSaga().confirm().refuse();
    const before = instance.state;
    const end = { sagaId: instance.sagaId, definition: 'spec', key: 'cus_1', outcome: 'needs_human', endedAt: 1 };
    const message = { ...end, code: 'UNDO_FAILED', reason: 'x', failedStep: 'charge' };
    const stops = { contract: SagaEnded, data: message };
    expect(names(emissionsOf(specSaga, before, [stops], new Date(1)))).toEqual(['SagaEnded', 'ReviewRequested']);
  });

  it('approved, has the step tried again; rejected, takes it as settled; either in the name of who decided', () => {
    const { instance, review, reviewId } = stuck();
    const approved = decided(instance, reviewId, 'approve', [review]);
    expect(names(approved)).toEqual([
      'ReviewClosed',
      'SagaStepRetried',
      'SagaStepChanged',
      'RefundPayment',
      'SagaLookDue',
    ]);
    expect(approved[1]!.data).toMatchObject({ step: 'charge', side: 'undo', actor: 'ada', reason: 'looked at it' });
    const rejected = decided(instance, reviewId, 'reject', [review]);
    expect(names(rejected)).toEqual(['ReviewClosed', 'SagaStepSkipped', 'SagaEnded']);
    expect(rejected[2]!.data).toMatchObject({ outcome: 'compensated' });
  });

  it('ends when somebody tries the step again by command', () => {
    const { instance, reviewId } = stuck();
    const asked: RetrySagaStep = {
      sagaId: instance.sagaId,
      step: 'charge',
      actor: 'ada',
      reason: 'the gateway is back',
    };
    const message = received(asked) as never;
    const emissions = new RetryOneStep(registry).handle(message, stateOf(instance));
    expect(emissions.map(({ contract }) => contract).slice(0, 2)).toEqual([SagaStepRetried, ReviewClosed]);
    expect(emissions[1]!.data).toEqual({ reviewId, outcome: 'superseded', actor: 'ada' });
  });

  it('is stale when the saga has moved on since it was asked', () => {
    const { instance, review, reviewId } = stuck();
    const data = { sagaId: instance.sagaId, step: 'charge', side: 'undo', actor: 'bob', reason: 'again', retriedAt: 1 };
    instance.steer({ contract: SagaStepRetried, data }).refuseForGood();
    const emissions = decided(instance, reviewId, 'reject', [review]);
    expect(
      emissions.map(({ contract, data: said }) => [contract.name, (said as { outcome?: string }).outcome]),
    ).toEqual([
      ['ReviewClosed', 'stale'],
      ['ReviewRequested', undefined],
    ]);
    expect(names(emissions)).not.toContain(SagaStepSkipped.name);
  });
});

describe('a person whom a saga waits for', () => {
  function waiting(): { instance: SpecSaga; review: Emission; reviewId: string } {
    const instance = new SpecSaga(withApproval).confirm();
    const wanted = { part: 'approval', reason: 'dear', evidence: { at: instance.now } };
    instance.now += 5_000;
    const review = requestReview(waitReview(withApproval, instance.sagaId, wanted));
    expect(review.contract).toBe(ReviewRequested);
    return { instance, review, reviewId: waitReviewId(instance.sagaId, 'approval') };
  }

  it('lets it go on, or has it undone, by the review that it asked when the wait began', () => {
    const { instance, review, reviewId } = waiting();
    const approved = names(decided(instance, reviewId, 'approve', [review]));
    expect(approved).toEqual(['ReviewClosed', 'SagaStepChanged', 'CapturePayment', 'SagaLookDue']);
    const rejected = names(decided(instance, reviewId, 'reject', [review]));
    expect(rejected).toEqual(['ReviewClosed', 'SagaStepChanged', 'RefundPayment', 'SagaLookDue']);
  });

  it('is asked no more when the saga is canceled meanwhile', () => {
    const { instance, reviewId } = waiting();
    const before = instance.state;
    const { length } = instance.events;
    instance.steer(cancel(instance.steered, { sagaId: instance.sagaId, actor: 'ada', reason: 'changed her mind' }));
    const messages = instance.events.slice(length).map(({ type, data }) => ({ contract: contractOf(type), data }));
    const closed = emissionsOf(withApproval, before, messages, new Date(1)).filter(
      ({ contract }) => contract === ReviewClosed,
    );
    expect(closed.map(({ data }) => data)).toEqual([{ reviewId, outcome: 'superseded', actor: null }]);
  });
});
