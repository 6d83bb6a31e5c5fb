import fc from 'fast-check';
import { openLetter, sealLetter } from '@towpath/event-store/sealed-letter';
import { placeOf } from '../pipeline/failure.js';
import { ALERT_AT, alertDue, HOUR_MS, withFailure, type Group } from './alert.decider.js';
import { LetterOwner } from './letter-owner.js';
import { settling, type DeadLetter } from './settle.decider.js';

const owner = new LetterOwner('fraud', true, () => true);

describe('commands about a dead letter', () => {
  it('are of the group whose handler it was; of one that nobody has, the first group speaks', () => {
    const letter: DeadLetter = { status: 'open', settledBy: null, messageId: 'm', handler: 'Mine', keyHeld: false };
    const none: DeadLetter = { ...letter, status: 'unknown', handler: null };
    const reaction = new LetterOwner('fraud', false, (handler) => handler === 'Mine');
    const own = new LetterOwner('fraud', true, (handler) => handler !== 'Mine');
    const verdicts = (one: DeadLetter) => [reaction, own].map((group) => settling(one, { service: 'fraud' }, group));
    expect(verdicts(letter)).toEqual(['settle', 'nothing']);
    expect(verdicts({ ...letter, handler: 'Gone' })).toEqual(['nothing', 'settle']);
    expect(verdicts(none)).toEqual(['nothing', 'unknown']);
  });

  it('settle it once, whatever comes in which order, and only at its owner', () => {
    const command = fc.record({
      id: fc.uuid(),
      kind: fc.constantFrom('redriven' as const, 'discarded' as const),
      service: fc.constantFrom('fraud', 'triage'),
    });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        let letter: DeadLetter = { status: 'open', settledBy: null, messageId: 'm', handler: 'H', keyHeld: false };
        const settled = commands.filter(({ id, kind, service }) => {
          if (settling(letter, { service }, owner) !== 'settle') return false;
          letter = { ...letter, status: kind, settledBy: id };
          return true;
        });
        expect(settled).toEqual(commands.filter(({ service }) => service === 'fraud').slice(0, 1));
      }),
    );
  });

  it('of this service for one it does not have are no silent success', () => {
    const none: DeadLetter = { status: 'unknown', settledBy: null, messageId: null, handler: null, keyHeld: false };
    expect(settling(none, { service: 'fraud' }, owner)).toBe('unknown');
    expect(settling(none, { service: 'triage' }, owner)).toBe('nothing');
  });
});

describe('the alert of dead letters that pile up', () => {
  it('comes at the fifth within an hour, and once an hour for a group', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: HOUR_MS }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(gaps, (waits) => {
        let group: Group = { failedAt: [], raisedAt: null };
        let now = 0;
        const times: number[] = [];
        const raised: number[] = [];
        for (const wait of waits) {
          now += wait;
          times.push(now);
          group = withFailure(group, now);
          const within = times.filter((at) => now - at <= HOUR_MS).length;
          const due = within >= ALERT_AT && (raised.length === 0 || now - raised.at(-1)! >= HOUR_MS);
          expect(alertDue(group, now)).toBe(due);
          if (due) {
            raised.push(now);
            group = { ...group, raisedAt: now };
          }
        }
      }),
    );
  });
});

describe('a sealed dead letter', () => {
  const letter = { deadLetterId: 'd1', detail: 'no card 4242', stack: 'Error: 4242', messageValue: 'NDI0Mg==' };
  const key = Buffer.alloc(32, 7);

  it('shows nothing of what it holds, and gives it back with its key', () => {
    const sealed = sealLetter(letter, key);
    expect(JSON.stringify(sealed)).not.toMatch(/4242|NDI0Mg/);
    expect(openLetter(sealed, key)).toEqual(letter);
    expect(() => openLetter({ ...sealed, deadLetterId: 'd2' }, key)).toThrow('PII_TAMPERED');
  });

  it('holds nothing any more once its key is gone', () => {
    expect(sealLetter(letter, null)).toEqual({ deadLetterId: 'd1', detail: 'erased', stack: null, messageValue: null });
  });
});

describe('the place of a failure', () => {
  it('is the innermost line of our own code, and never the message', () => {
    const stack = [
      'Error: anna@example.org at apps/fraud/src/fake.ts:1:1',
      '    at parse (node:internal/json:1:1)',
      '    at decide (file:///srv/towpath/apps/fraud/src/score.decider.ts:12:9)',
      '    at run (file:///srv/towpath/packages/service-kit/dist/x.js:3:4)',
    ].join('\n');
    expect(placeOf(stack)).toBe('apps/fraud/src/score.decider.ts:12');
    expect(placeOf(null)).toBeNull();
  });
});
