import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SagaPaused } from '@towpath/contracts/sagas/SagaPaused.v1';
import { SagaResumed } from '@towpath/contracts/sagas/SagaResumed.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import { SagaStepRetried } from '@towpath/contracts/sagas/SagaStepRetried.v1';
import { SagaStepSkipped } from '@towpath/contracts/sagas/SagaStepSkipped.v1';
import { commandId, commandRef } from './command-id.js';
import type { Input } from './message.js';
import { begun, echoed, effect, SpecSaga } from './spec-saga.fixture.js';

const order = begun()
  .step('charge', effect('charge'))
  .step('reserve', echoed('reserve'))
  .step('ship', effect('ship'))
  .step('confirm', { ...effect('confirm'), undo: 'irreversible' })
  .build();
const shipping = () => new SpecSaga(order).done('charge', 'reserve');

const unfrozen = (messageId = 'm'): Input => ({
  ...{ kind: 'event', part: 'heard', contract: AccountUnfrozen, messageId },
  data: { accountId: 'order_789', actor: 'ada', reason: '', unfrozenAt: 1 },
});

describe('the id of a command', () => {
  it('names saga, step, side, way and attempt, and no other UUID does', () => {
    const ref = { sagaId: '0123456789abcdef01234567', part: 199, way: 14, attempt: 255, personal: true } as const;
    for (const side of ['act', 'undo'] as const)
      for (const probe of [false, true])
        expect(commandRef(commandId({ ...ref, side, probe }))).toEqual({ ...ref, side, probe });
    for (const id of [null, '', '6ba7b810-9dad-51d1-80b4-00c04fd430c8']) expect(commandRef(id)).toBeUndefined();
  });
});

describe('a saga', () => {
  it('asks for each step when the one before it is done, and is completed after the last', () => {
    const it = shipping().done('ship', 'confirm');
    expect(it.asked).toEqual(['charge', 'reserve', 'ship', 'confirm']);
    expect(it.ends).toEqual(['completed']);
  });

  it('has at most one timer out while answers come in time, and none of its timers asks for anything afterwards', () => {
    const it = shipping();
    expect(it.timersOut).toBe(1);
    it.done('ship', 'confirm').pass(1_000_000);
    expect([it.timersOut, it.asked.length]).toEqual([0, 4]);
  });

  it('undoes in reverse order what was done, and nothing else, when a step is refused', () => {
    const it = shipping().refused('ship', 'CARRIER_TIMEOUT');
    expect(it.asked.slice(3)).toEqual(['undo reserve']);
    it.done('undo reserve');
    expect(it.asked.slice(4)).toEqual(['undo charge']);
    it.done('undo charge');
    expect(it.ends).toEqual(['compensated CARRIER_TIMEOUT']);
    expect(it.state.failedStep).toBe('ship');
  });

  it('probes what has no answer before it undoes or repeats it', () => {
    const done = shipping().pass(1_000);
    expect(done.asked.at(-1)).toBe('probe ship');
    expect(done.done('probe ship').asked.at(-1)).toBe('confirm');
    const refused = shipping().unknown('ship').refused('probe ship', 'NOT_DONE');
    expect(refused.asked.slice(3)).toEqual(['probe ship', 'undo reserve']);
  });

  it('takes the first answer of the command or of its probe, whichever comes', () => {
    const it = shipping().pass(1_000).done('ship');
    expect(it.asked.at(-1)).toBe('confirm');
    it.done('probe ship');
    expect([it.notes, it.status]).toEqual([['repeated'], 'running']);
  });

  it('needs a person when nobody finds out, goes on when one does, and hears what egress says later', () => {
    const it = shipping().unknown('ship').unknown('probe ship');
    expect(it.ends).toEqual(['needs_human OUTCOME_UNKNOWN']);
    it.decided(SagaStepRetried, { step: 'ship', side: 'act', retriedAt: 1 });
    expect([it.status, it.asked.at(-1)]).toEqual(['running', 'probe ship']);
    it.unknown('probe ship').done('ship');
    expect([it.status, it.asked.at(-1)]).toEqual(['running', 'confirm']);
  });

  it('sends a probe again that is not answered, each time after twice the time, and gives up after five', () => {
    const it = shipping().pass(1_000);
    it.pass(1_000).pass(2_000).pass(4_000).pass(8_000);
    expect(it.asked.filter((name) => name === 'probe ship')).toHaveLength(5);
    expect(it.pass(16_000).ends).toEqual(['needs_human OUTCOME_UNKNOWN']);
  });

  it('asks an idempotent participant again that does not answer, and undoes the step when it never does', () => {
    const retried = begun()
      .step('charge', effect('charge'))
      .step('reserve', { ...echoed('reserve'), retry: { attempts: 2, backoffMs: 500 } })
      .build();
    const it = new SpecSaga(retried).done('charge').pass(1_499);
    expect(it.asked).toEqual(['charge', 'reserve']);
    it.pass(1).pass(1_000);
    expect(it.asked).toEqual(['charge', 'reserve', 'reserve', 'undo reserve']);
    it.done('reserve', 'undo reserve', 'undo charge');
    expect([it.ends, it.notes]).toEqual([['compensated TIMED_OUT'], ['late']]);
  });

  it('tries a refused step again after pauses that double, then every alternative, then undoes', () => {
    const definition = begun()
      .step('reserve', echoed('reserve'))
      .step('charge', {
        ...effect('charge'),
        retry: { attempts: 3, backoffMs: 100, only: (code) => code !== 'STOLEN' },
        alternatives: [{ ...echoed('charge'), name: 'second' }],
      })
      .build();
    const it = new SpecSaga(definition).done('reserve').refused('charge').pass(100).refused('charge').pass(199);
    expect(it.asked.filter((name) => name === 'charge')).toHaveLength(2);
    it.pass(1).refused('charge');
    expect(it.state.parts['charge']?.act.way).toBe('second');
    for (const ms of [100, 200]) it.refused('charge').pass(ms);
    it.refused('charge').done('undo reserve');
    expect(it.ends).toEqual(['compensated REFUSED']);
    const other = new SpecSaga(definition).done('reserve').refused('charge', 'STOLEN').done('charge');
    expect([other.asked, other.ends]).toEqual([['reserve', 'charge', 'charge'], ['completed']]);
  });

  it('undoes a step in the way in which it was done', () => {
    const definition = begun()
      .step('charge', { ...effect('charge'), alternatives: [{ ...echoed('second'), name: 'second' }] })
      .step('ship', effect('ship'))
      .build();
    const it = new SpecSaga(definition).refused('charge').done('charge').refused('ship').done('undo charge');
    const [asked] = it.told(SagaStepChanged).flatMap(({ changes }) => changes.filter(({ side }) => side === 'undo'));
    expect([asked?.way, it.ends]).toEqual(['second', ['compensated REFUSED']]);
  });

  it('runs a group at once, hears all of it to its end when one fails, and undoes what was done', () => {
    const definition = begun()
      .step('charge', effect('charge'))
      .parallel('both', (group) => group.step('crm', effect('crm')).step('mail', effect('mail')))
      .build();
    expect(new SpecSaga(definition).done('charge').done('mail', 'crm').ends).toEqual(['completed']);
    const it = new SpecSaga(definition).done('charge').refused('crm');
    expect(it.asked).toEqual(['charge', 'crm', 'mail']);
    it.done('mail', 'undo mail', 'undo charge');
    expect(it.asked.slice(3)).toEqual(['undo mail', 'undo charge']);
    expect(it.ends).toEqual(['compensated REFUSED']);
  });

  it('needs a person when an undo fails, and goes on with the others when the undo is tried again or skipped', () => {
    const stuck = () => {
      const it = shipping().refused('ship').refused('undo reserve').pass(1_000).refused('undo reserve').pass(2_000);
      return it.refused('undo reserve');
    };
    expect(stuck().ends).toEqual(['needs_human UNDO_FAILED']);
    const retried = stuck().decided(SagaStepRetried, { step: 'reserve', side: 'undo', retriedAt: 1 });
    expect(retried.asked.at(-1)).toBe('undo reserve');
    expect(retried.done('undo reserve', 'undo charge').ends.at(-1)).toBe('compensated REFUSED');
    const skipped = stuck().decided(SagaStepSkipped, { step: 'reserve', side: 'undo', skippedAt: 1 });
    expect(skipped.done('undo charge').ends.at(-1)).toBe('compensated REFUSED');
    expect(stuck().done('undo reserve', 'undo charge').ends.at(-1)).toBe('compensated REFUSED');
  });

  it('needs a person when what nothing takes back is to be undone, unless the saga can do without it', () => {
    const definition = (method: 'step' | 'optional') =>
      begun()
        [method]('mail', { ...effect('mail'), undo: 'irreversible' })
        .step('ship', effect('ship'))
        .build();
    expect(new SpecSaga(definition('step')).done('mail').refused('ship').ends).toEqual(['needs_human IRREVERSIBLE']);
    expect(new SpecSaga(definition('optional')).done('mail').refused('ship').ends).toEqual(['compensated REFUSED']);
  });

  it('hears what is under way to its end when it is canceled, and then undoes it: no undo is forgotten', () => {
    const canceled = () => shipping().decided(SagaCanceled, { canceledAt: 1 });
    expect(canceled().asked).toEqual(['charge', 'reserve', 'ship']);
    expect(canceled().done('ship').asked.slice(3)).toEqual(['undo ship']);
    expect(canceled().refused('ship').asked.slice(3)).toEqual(['undo reserve']);
    const silent = canceled().pass(1_000);
    expect(silent.asked.at(-1)).toBe('probe ship');
    silent.done('probe ship', 'undo ship', 'undo reserve', 'undo charge');
    expect(silent.ends).toEqual(['compensated CANCELED']);
  });

  it('is undone at its deadline', () => {
    const definition = begun(1, 10_000).step('charge', effect('charge')).pause('night', 60_000).build();
    const it = new SpecSaga(definition).done('charge').pass(9_999);
    expect(it.asked).toEqual(['charge']);
    expect(it.pass(1).done('undo charge').ends).toEqual(['compensated DEADLINE']);
  });

  it('begins nothing while it is paused, hears answers, and goes on from there', () => {
    const it = shipping().decided(SagaPaused, { pausedAt: 1 }).done('ship').pass(1_000_000);
    expect(it.asked).toEqual(['charge', 'reserve', 'ship']);
    it.decided(SagaResumed, { resumedAt: 1 }).done('confirm');
    expect(it.ends).toEqual(['completed']);
  });

  it('notes answers that come late, twice or in contradiction, and changes nothing but that a person sees the last', () => {
    const it = shipping().done('charge').refused('charge');
    expect([it.notes, it.asked.length]).toEqual([['repeated', 'late'], 3]);
    it.refused('ship').done('ship');
    expect(it.notes.at(-1)).toBe('contradicting');
    it.done('undo reserve', 'undo charge');
    expect(it.ends).toEqual(['needs_human CONTRADICTION']);
    it.decided(SagaStepSkipped, { step: 'ship', side: 'act', skippedAt: 1 });
    expect(it.ends.at(-1)).toBe('compensated REFUSED');
  });

  it('begins once for a key', () => {
    const it = shipping();
    it.hear({ kind: 'start', sagaId: it.sagaId, key: it.key, data: {}, messageId: 'again' });
    expect([it.asked.length, it.notes]).toEqual([3, ['repeated']]);
  });

  it('says of a command that it can not make that the step failed, and undoes the others', () => {
    const faulty = begun()
      .step('charge', effect('charge'))
      .step('ship', {
        ...effect('ship'),
        do: () => {
          throw new TypeError('undefined is not an order');
        },
      })
      .build();
    const it = new SpecSaga(faulty).done('charge', 'undo charge');
    expect(it.ends).toEqual(['compensated DEFINITION_FAILED']);
    expect(JSON.stringify(it.events)).not.toContain('not an order');
  });
});

describe('a wait', () => {
  const definition = (timesOut: 'compensate' | 'continue' = 'compensate') =>
    begun()
      .step('charge', effect('charge'))
      .waitFor('heard', { event: AccountUnfrozen, key: ({ accountId }) => accountId, timeoutMs: 5_000, timesOut })
      .step('ship', effect('ship'))
      .build();

  it('is over when its event comes, also when that came before, and counts it once', () => {
    const it = new SpecSaga(definition()).done('charge').hear(unfrozen()).hear(unfrozen('again'));
    expect([it.asked.at(-1), it.notes]).toEqual(['ship', ['repeated']]);
    expect(new SpecSaga(definition()).hear(unfrozen()).done('charge').asked.at(-1)).toBe('ship');
  });

  it('undoes what was done when its time is over, or goes on, as the definition says', () => {
    expect(new SpecSaga(definition()).done('charge').pass(5_000).asked.at(-1)).toBe('undo charge');
    expect(new SpecSaga(definition('continue')).done('charge').pass(5_000).asked.at(-1)).toBe('ship');
  });

  it('for a person asks one, and takes a rejection as a failure', () => {
    const asks = begun()
      .step('charge', effect('charge'))
      .waitFor('approval', { person: ({ key }) => ({ reason: `ship ${key}?`, evidence: {} }), timeoutMs: 5_000 })
      .step('ship', effect('ship'))
      .build();
    const answer = (decision: 'approve' | 'reject'): Input => ({
      ...{ kind: 'person', part: 'approval', decision, actor: 'ada', reason: 'spec' },
    });
    expect(new SpecSaga(asks).done('charge').hear(answer('approve')).asked.at(-1)).toBe('ship');
    expect(new SpecSaga(asks).done('charge').hear(answer('reject')).asked.at(-1)).toBe('undo charge');
  });

  it('is not needed any more when the event comes that ends the saga', () => {
    const ends = begun()
      .step('offer', effect('offer'))
      .pause('month', 50_000)
      .step('retry', effect('retry'))
      .endsOn(AccountUnfrozen, ({ accountId }) => accountId)
      .build();
    const end = { ...unfrozen(), part: null } as Input;
    expect(new SpecSaga(ends).done('offer').hear(end).ends).toEqual(['completed AccountUnfrozen']);
    const underWay = new SpecSaga(ends).hear(end);
    expect(underWay.ends).toEqual([]);
    expect(underWay.done('offer').ends).toEqual(['completed AccountUnfrozen']);
  });
});
