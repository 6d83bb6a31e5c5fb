import { actionHash } from '@towpath/service-kit/reviews/action-hash';
import { needsHumanReview } from './needs-human.js';
import { cancel, retry, skip } from './steering.js';
import { SpecSaga } from './steering.fixture.js';

const by = { sagaId: 'spec', actor: 'ada', reason: 'looked at it' };

/** charge, reserve and note are done; the undo of note is refused for good. */
function stuck(): SpecSaga {
  const saga = new SpecSaga().confirm().confirm().confirm();
  saga.steer(cancel(saga.steered, by));
  expect(saga.last).toBe('note undo');
  return saga.refuseForGood();
}

const reviewOf = (saga: SpecSaga) => needsHumanReview(saga.definition, saga.state);

describe('the review of a saga that needs a person', () => {
  it('says what is done, what is undone, what is not, and what each choice will do', () => {
    const { action, arguments: given, evidence, reason, roles } = reviewOf(stuck());
    expect(reason).toBe('spec cus_1: note was done, and taking it back failed');
    expect(action).toBe('RetrySagaStep');
    expect(given).toMatchObject({ step: 'note', side: 'undo' });
    expect(evidence).toMatchObject({
      ...{ code: 'UNDO_FAILED', done: ['charge', 'reserve', 'note'], undone: [], unknown: [], settledByHand: [] },
      notDone: ['mail', 'archive'],
      stuck: { step: 'note', side: 'undo', command: 'payments.v1.RefundPayment', code: 'REFUSED' },
      choices: {
        approve:
          'payments.v1.RefundPayment is sent again, with a new set of attempts; when that is done, then reserve, then charge is undone',
        reject:
          'the undo of note counts as settled by hand, and nothing more is asked for it; then reserve, then charge is undone',
      },
    });
    expect(roles).toEqual(['supervisor', 'admin']);
  });

  it('is the same for the same state, and another after another try that failed', () => {
    const saga = stuck();
    expect(actionHash(reviewOf(saga))).toBe(actionHash(reviewOf(saga)));
    const before = actionHash(reviewOf(saga));
    saga.steer(retry(saga.steered, { ...by, step: 'note' })).refuseForGood();
    expect(saga.state.status).toBe('needs_human');
    expect(actionHash(reviewOf(saga))).not.toBe(before);
  });

  it('does what it said: a rejection undoes the rest in that order', () => {
    const saga = stuck();
    saga.steer(skip(saga.steered, { ...by, step: 'note' }));
    expect(saga.last).toBe('reserve undo');
    saga.confirm();
    expect(saga.last).toBe('charge undo');
  });

  it('proposes no further try where nothing takes a step back', () => {
    const saga = new SpecSaga().confirm().confirm().confirm().wait(60_000).confirm().refuse();
    const { action, evidence } = reviewOf(saga);
    expect(action).toBe('SkipSagaStep');
    expect(evidence).toMatchObject({
      stuck: { step: 'mail' },
      choices: { reject: 'nothing happens, and the saga stays as it is' },
    });
  });
});
