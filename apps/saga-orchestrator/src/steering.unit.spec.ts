import { Permanent } from '@towpath/service-kit/permanent';
import { cancel, pause, resume, retry, skip } from './steering.js';
import { SpecSaga } from './steering.fixture.js';

const by = { sagaId: 'spec', actor: 'ada', reason: 'looked at it' };
const of = (step: string) => ({ ...by, step });

function codeOf(decision: () => unknown): string {
  try {
    decision();
    return 'allowed';
  } catch (error) {
    return (error as Permanent).code;
  }
}

/** Stopped by an undo that is refused for good: charge is done and stays so. */
function stuckUndo(): SpecSaga {
  const saga = new SpecSaga().confirm();
  expect(saga.last).toBe('reserve act');
  saga.refuse();
  expect(saga.last).toBe('charge undo');
  return saga.refuseForGood();
}

describe('a cancellation', () => {
  it('hears what is under way to its end, and then undoes all that was done, the last first', () => {
    const saga = new SpecSaga().confirm();
    saga.steer(cancel(saga.steered, by));
    expect(saga.last).toBe('reserve act');
    saga.confirm();
    expect(saga.last).toBe('reserve undo');
    saga.confirm();
    expect(saga.last).toBe('charge undo');
    expect(saga.confirm().state).toMatchObject({ status: 'compensated', cause: 'CANCELED' });
  });

  it('undoes nothing of a step that turns out not to have been done', () => {
    const saga = new SpecSaga();
    saga.steer(cancel(saga.steered, by)).refuse();
    expect(saga.state.status).toBe('compensated');
    expect(saga.asked).toHaveLength(1);
  });

  it('is refused once a step that nothing takes back is under way or done', () => {
    const saga = new SpecSaga().confirm().confirm().confirm().wait(60_000);
    expect(saga.last).toBe('mail act');
    expect(codeOf(() => cancel(saga.steered, by))).toBe('SAGA_IRREVERSIBLE');
    saga.confirm();
    expect(codeOf(() => cancel(saga.steered, by))).toBe('SAGA_IRREVERSIBLE');
  });

  it('is refused while it is being undone, and after the end', () => {
    const saga = new SpecSaga().confirm().refuse();
    expect(codeOf(() => cancel(saga.steered, by))).toBe('SAGA_COMPENSATING');
    saga.confirm();
    expect(saga.state.status).toBe('compensated');
    for (const ask of [cancel, pause, resume]) expect(codeOf(() => ask(saga.steered, by))).toBe('SAGA_ENDED');
    for (const ask of [retry, skip]) expect(codeOf(() => ask(saga.steered, of('charge')))).toBe('SAGA_ENDED');
  });
});

describe('a pause', () => {
  it('records answers, begins nothing, and goes on where it was', () => {
    const saga = new SpecSaga();
    saga.steer(pause(saga.steered, by)).confirm().wait(3_600_000);
    expect(saga.last).toBe('charge act');
    expect(saga.state.parts['charge']!.act.state).toBe('completed');
    saga.steer(resume(saga.steered, by));
    expect(saga.last).toBe('reserve act');
  });

  it('holds back undoing, too', () => {
    const saga = new SpecSaga().confirm();
    saga.steer(pause(saga.steered, by)).refuse();
    expect(saga.last).toBe('reserve act');
    saga.steer(resume(saga.steered, by));
    expect(saga.last).toBe('charge undo');
  });

  it('ends with a cancellation', () => {
    const saga = new SpecSaga().confirm();
    saga.steer(pause(saga.steered, by)).confirm();
    saga.steer(cancel(saga.steered, by));
    expect(saga.last).toBe('reserve undo');
  });

  it('is there once: no second pause, and no resumption of what goes on', () => {
    const saga = new SpecSaga();
    expect(codeOf(() => resume(saga.steered, by))).toBe('SAGA_NOT_PAUSED');
    saga.steer(pause(saga.steered, by));
    expect(codeOf(() => pause(saga.steered, by))).toBe('SAGA_PAUSED');
    expect(codeOf(() => pause(stuckUndo().steered, by))).toBe('SAGA_NEEDS_PERSON');
  });
});

describe('another try', () => {
  it('asks for the failed undo again, with a new set of attempts, and ends as compensated', () => {
    const saga = stuckUndo();
    expect(saga.state).toMatchObject({ status: 'needs_human', code: 'UNDO_FAILED', failedStep: 'charge' });
    const { length } = saga.asked;
    saga.steer(retry(saga.steered, of('charge')));
    expect(saga.asked).toHaveLength(length + 1);
    saga.refuse().wait(120_000);
    expect(saga.asked).toHaveLength(length + 2);
    expect(saga.confirm().state.status).toBe('compensated');
    expect(new Set(saga.asked.map(({ id }) => id)).size).toBe(saga.asked.length);
  });

  it('is for the step that needs a person and for no other', () => {
    const saga = stuckUndo();
    expect(codeOf(() => retry(saga.steered, of('reserve')))).toBe('STEP_NOT_FAILED');
    expect(codeOf(() => retry(new SpecSaga().steered, of('charge')))).toBe('STEP_NOT_FAILED');
  });

  it('is refused where asking again leads nowhere', () => {
    const saga = new SpecSaga().confirm().confirm().confirm().wait(60_000).confirm();
    expect(saga.last).toBe('archive act');
    saga.refuse();
    expect(saga.state).toMatchObject({ status: 'needs_human', code: 'IRREVERSIBLE', failedStep: 'mail' });
    expect(codeOf(() => retry(saga.steered, of('mail')))).toBe('STEP_FINAL');
    saga.steer(skip(saga.steered, of('mail')));
    expect(saga.last).toBe('note undo');
  });
});

describe('a skip', () => {
  it('takes a failed undo as settled by hand, and undoes the rest', () => {
    const saga = new SpecSaga().confirm().confirm();
    saga.steer(cancel(saga.steered, by)).confirm().confirm();
    expect(saga.last).toBe('reserve undo');
    saga.refuseForGood();
    expect(saga.state.failedStep).toBe('reserve');
    saga.steer(skip(saga.steered, of('reserve')));
    expect(saga.last).toBe('charge undo');
    expect(saga.confirm().state.status).toBe('compensated');
    expect(saga.state.parts['reserve']!.undo.state).toBe('skipped');
  });

  it('leaves out a step that the saga can do without, before it is asked for, and a pause', () => {
    const saga = new SpecSaga();
    saga
      .steer(skip(saga.steered, of('note')))
      .confirm()
      .confirm();
    expect(saga.state.parts['note']!.act.state).toBe('skipped');
    saga.steer(skip(saga.steered, of('breathe')));
    expect(saga.last).toBe('mail act');
  });

  it('is refused for a step that others need, that was asked for, that is over, or that is none', () => {
    const saga = new SpecSaga();
    expect(codeOf(() => skip(saga.steered, of('reserve')))).toBe('STEP_NEEDED');
    expect(codeOf(() => skip(saga.steered, of('charge')))).toBe('STEP_UNDER_WAY');
    saga.confirm();
    expect(codeOf(() => skip(saga.steered, of('charge')))).toBe('STEP_OVER');
    expect(codeOf(() => skip(saga.steered, of('nothing')))).toBe('STEP_UNKNOWN');
  });
});
