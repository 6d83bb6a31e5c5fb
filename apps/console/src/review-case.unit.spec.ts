import { CaseClaimed } from '@towpath/contracts/console/CaseClaimed.v1';
import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { CaseDecisionReleased } from '@towpath/contracts/console/CaseDecisionReleased.v1';
import { CaseDecisionUndone } from '@towpath/contracts/console/CaseDecisionUndone.v1';
import { CaseEndorsed } from '@towpath/contracts/console/CaseEndorsed.v1';
import { CaseOpened } from '@towpath/contracts/console/CaseOpened.v1';
import { CaseReleased } from '@towpath/contracts/console/CaseReleased.v1';
import { CaseRevealed } from '@towpath/contracts/console/CaseRevealed.v1';
import { CaseClosed } from '@towpath/contracts/console/CaseClosed.v1';
import { CaseEscalated } from '@towpath/contracts/console/CaseEscalated.v1';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import fc from 'fast-check';
import { refusalOf, type Person, type Refused, type Wish } from './review-case.decider.js';
import { reviewCases } from './review-case.js';

const HASH = 'a'.repeat(64);
const HOLD_MS = 10_000;
const at = (name: string, role = 'reviewer'): Person => ({ name, role, tokenId: `token_${name}` });

/** One case under people's wishes, with a clock of its own. */
class Case {
  state = reviewCases.initial;
  now = 0;
  /** decisions that left, by who made them */
  readonly left: string[] = [];
  private decisions = 0;

  constructor(over: Partial<CaseOpened> = {}) {
    this.append(CaseOpened, {
      ...{ reviewId: 'r1', revision: 1, service: 'support', subjectType: 'ticket', subjectId: 't1', reason: 'angry' },
      ...{ agent: null, runId: null, action: 'SendTicketReply', actionHash: HASH, evidence: '{}', amountMinor: null },
      ...{ currency: null, personId: 'cus_1', proposedText: null, choices: ['approve', 'edit', 'reject'], roles: [] },
      ...{ people: 1, dueAt: null, decideBy: 60_000, openedAt: 0, ...over },
    });
  }

  /** Does it when the rules allow it; gives the code of the refusal otherwise. */
  wish(wish: Wish, person: Person, expected: number | null = null): Refused['code'] | 'done' {
    const refused = refusalOf(wish, person, this.state, { expected, now: this.now });
    if (refused) return refused.code;
    const by = { reviewId: 'r1', actor: person.name };
    if (wish.kind === 'claim') this.append(CaseClaimed, { ...by, claimedAt: this.now });
    if (wish.kind === 'release') this.append(CaseReleased, { ...by, releasedAt: this.now });
    if (wish.kind === 'undo')
      this.append(CaseDecisionUndone, { ...by, decisionId: wish.decisionId, undoneAt: this.now });
    if (wish.kind === 'reveal') {
      this.append(CaseRevealed, { ...by, why: 'to read it', tokenId: person.tokenId, revealedAt: this.now });
    }
    if (wish.kind === 'decide') this.decided(wish, person);
    return 'done';
  }

  /** Lets time pass; a decision whose hold is over leaves. */
  pass(ms: number): void {
    this.now += ms;
    const { pending } = this.state;
    if (pending?.phase !== 'held' || pending.heldUntil > this.now) return;
    const { decisionId, actor } = pending;
    this.append(CaseDecisionReleased, { reviewId: 'r1', decisionId, releasedAt: this.now });
    this.left.push(actor);
  }

  /** The owner counted what left. */
  endorsed(): void {
    const { pending } = this.state;
    if (pending?.phase !== 'leaving') return;
    const { actor, decision, editedHash } = pending;
    this.append(CaseEndorsed, { reviewId: 'r1', actor, decision, editedHash, needed: 2, endorsedAt: this.now });
  }

  append<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): void {
    const place = { id: '', stream: 'review-case-r1', metadata: {} as never, occurredAt: new Date(this.now) };
    this.state = reviewCases.evolve(this.state, { ...place, type: contract.type, data });
  }

  private decided({ decision, editedHash, actionHash }: Extract<Wish, { kind: 'decide' }>, person: Person): void {
    this.decisions += 1;
    this.append(CaseDecided, {
      ...{ reviewId: 'r1', decisionId: `d${this.decisions}`, decision, reasonCode: 'ok', reason: 'looks right' },
      ...{
        sealedFor: 'cus_1',
        edited: null,
        delivery: null,
        editedHash,
        actionHash,
        actor: person.name,
        role: person.role,
      },
      ...{ tokenId: person.tokenId, decidedAt: this.now, heldUntil: this.now + HOLD_MS },
    });
  }
}

const approve = { kind: 'decide', decision: 'approve', editedHash: null, actionHash: HASH } as const;

describe('a case', () => {
  it('is worked on by one person: the second claim is refused until it is given back', () => {
    const one = new Case();
    expect([one.wish({ kind: 'claim' }, at('ada')), one.wish({ kind: 'claim' }, at('bo'))]).toEqual([
      'done',
      'CLAIMED',
    ]);
    expect(one.wish({ kind: 'release' }, at('bo'))).toBe('NOT_YOURS');
    expect(one.wish({ kind: 'release' }, at('cy', 'supervisor'))).toBe('done');
    expect(one.wish({ kind: 'claim' }, at('bo'))).toBe('done');
  });

  it('is not changed by who saw it before somebody else changed it', () => {
    const one = new Case();
    const seen = one.state.version;
    one.wish({ kind: 'claim' }, at('ada'), seen);
    expect(one.wish({ kind: 'claim' }, at('bo'), seen)).toBe('CASE_CHANGED');
  });

  it('is the same after somebody read its personal data', () => {
    const one = new Case();
    const { version } = one.state;
    one.wish({ kind: 'reveal' }, at('ada'));
    expect(one.state.version).toBe(version);
  });

  it('is decided by who claimed it, about what it asks', () => {
    const one = new Case();
    expect(one.wish(approve, at('ada'))).toBe('NOT_CLAIMED');
    one.wish({ kind: 'claim' }, at('ada'));
    expect(one.wish({ ...approve, actionHash: 'b'.repeat(64) }, at('ada'))).toBe('CASE_STALE');
    expect(one.wish(approve, at('ada'))).toBe('done');
  });

  it('can be undone while it is held, by who decided or a supervisor, and not from the moment it leaves', () => {
    const one = new Case();
    one.wish({ kind: 'claim' }, at('ada'));
    one.wish(approve, at('ada'));
    one.pass(HOLD_MS - 1);
    expect(one.wish({ kind: 'undo', decisionId: 'd1' }, at('bo'))).toBe('NOT_YOURS');
    expect(one.wish({ kind: 'undo', decisionId: 'd1' }, at('ada'))).toBe('done');
    one.wish(approve, at('ada'));
    one.pass(HOLD_MS);
    expect(one.wish({ kind: 'undo', decisionId: 'd2' }, at('ada'))).toBe('UNDO_TOO_LATE');
    expect(one.left).toEqual(['ada']);
  });

  it("takes a higher role after it was escalated, and is nobody's then", () => {
    const one = new Case();
    one.wish({ kind: 'claim' }, at('ada'));
    const level = { level: 1, role: 'supervisor', cause: 'SLA_MISSED', heldBy: 'ada', decideBy: 120_000 };
    one.append(CaseEscalated, { reviewId: 'r1', ...level, escalatedAt: 60_000 });
    expect(one.state).toMatchObject({ claimedBy: null, leastRole: 'supervisor', decideBy: 120_000 });
    expect(one.wish({ kind: 'claim' }, at('ada'))).toBe('ESCALATED');
    expect(one.wish({ kind: 'claim' }, at('cy', 'supervisor'))).toBe('done');
  });

  it('is refused to roles that the request does not name, and to everybody once it ended', () => {
    const one = new Case({ roles: ['fraud-lead', 'supervisor'] });
    expect(one.wish({ kind: 'claim' }, at('ada'))).toBe('ROLE_NOT_ALLOWED');
    one.append(CaseClosed, { reviewId: 'r1', outcome: 'stale', actor: null, closedAt: 1 });
    expect(one.wish({ kind: 'claim' }, at('cy', 'supervisor'))).toBe('CASE_CLOSED');
  });
});

describe('whatever people do in whatever order', () => {
  const people = fc.constantFrom(at('ada'), at('bo'), at('cy', 'supervisor'));
  const step = fc.oneof(
    fc.tuple(fc.constant({ kind: 'claim' }), people),
    fc.tuple(fc.constant({ kind: 'release' }), people),
    fc.tuple(fc.constant(approve as Wish), people),
    fc.tuple(
      fc.constantFrom('d1', 'd2', 'd3').map((decisionId): Wish => ({ kind: 'undo', decisionId })),
      people,
    ),
    fc.integer({ min: 1, max: 2 * HOLD_MS }),
    fc.constant('endorse' as const),
  );

  it('one decision is on its way at most, none is undone after it left, and none leaves that was undone', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const one = new Case();
        const undone = new Set<string>();
        for (const next of steps) {
          if (typeof next === 'number') one.pass(next);
          else if (next !== 'endorse') {
            const [wish, person] = next;
            const { pending } = one.state;
            const done = one.wish(wish, person) === 'done';
            if (done && wish.kind === 'decide') expect(pending).toBeNull();
            if (done && wish.kind === 'undo') {
              expect(pending!.phase).toBe('held');
              expect(one.now).toBeLessThan(pending!.heldUntil);
              undone.add(wish.decisionId);
            }
          }
          expect(one.state.pending?.phase === 'leaving' && undone.has(one.state.pending.decisionId)).toBe(false);
        }
        expect(one.left.length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('above the limit the second person is never the first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const one = new Case({ people: 2, amountMinor: 5_000_000, currency: 'eur' });
        for (const next of steps) {
          if (typeof next === 'number') one.pass(next);
          else if (next === 'endorse') one.endorsed();
          else one.wish(next[0], next[1]);
        }
        expect(new Set(one.left).size).toBe(one.left.length);
      }),
    );
  });
});
