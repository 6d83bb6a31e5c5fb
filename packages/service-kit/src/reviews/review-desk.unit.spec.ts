import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import fc from 'fast-check';
import type { DecisionState } from '../handles.js';
import type { Emission } from '../message.js';
import { actionHash } from './action-hash.js';
import { fourEyesLimits, peopleNeeded } from './four-eyes.js';
import { requestReview, type ReviewRequest } from './request-review.js';
import { ReviewDesk } from './review-desk.js';
import { reviews } from './review.js';

const LIMIT = 1_000;
const desk = new ReviewDesk('support', fourEyesLimits(`eur=${LIMIT}`));

const asked = (over: Partial<ReviewRequest> = {}): ReviewRequest => ({
  ...{ reviewId: 'r1', service: 'support', subjectType: 'ticket', subjectId: 't1', reason: 'angry' },
  ...{ action: 'SendTicketReply', arguments: { text: 'Hello' }, evidence: { rules: 2 } },
  ...over,
});

/** One review's stream, under what is appended to it. */
class Desk {
  private readonly events: DomainEvent[] = [];
  readonly verdicts: string[] = [];
  constructor(private current: ReviewRequest = asked()) {
    this.append([requestReview(current)]);
  }

  changes(current: ReviewRequest): this {
    this.current = current;
    return this;
  }

  decide(over: Partial<DecideReview> = {}): string {
    const decision: DecideReview = {
      ...{ reviewId: 'r1', service: 'support', subjectType: 'ticket', subjectId: 't1', decision: 'approve' },
      ...{ reasonCode: 'ok', reason: 'looks right', personId: 'cus_1', edited: null, actor: 'ada', role: 'reviewer' },
      ...{ actionHash: this.open?.actionHash ?? null, ...over },
    };
    const state = {
      now: new Date(0),
      of: () => fold(reviews, this.events),
      row: () => undefined,
    } as unknown as DecisionState;
    try {
      const { verdict, messages } = desk.judge(decision, state, () => this.current);
      this.append(messages);
      this.verdicts.push(verdict);
      return verdict;
    } catch (error) {
      return (error as { code: string }).code;
    }
  }

  get open() {
    return fold(reviews, this.events).open;
  }

  get requests(): number {
    return this.events.filter(({ type }) => type === ReviewRequested.type).length;
  }

  private append(messages: readonly Emission[]): void {
    for (const { contract, data } of messages) {
      const place = { id: '', stream: 'review-r1', metadata: {} as never, occurredAt: new Date(0) };
      this.events.push({ ...place, type: contract.type, data });
    }
  }
}

const dear = asked({ amount: { minor: LIMIT + 1, currency: 'EUR' }, proposed: { text: 'Hello', personId: 'cus_1' } });

describe('a decision about a review', () => {
  it('is carried out once: afterwards the review is closed', () => {
    const review = new Desk();
    expect([review.decide(), review.decide(), review.decide({ decision: 'reject' })]).toEqual([
      'approve',
      'REVIEW_NOT_OPEN',
      'REVIEW_NOT_OPEN',
    ]);
  });

  it.each([
    ['the action', { action: 'CloseTicket' }],
    ['an argument', { arguments: { text: 'Hello!' } }],
    ['the evidence', { evidence: { rules: 3 } }],
  ])('is stale when %s changed, and what is now so is asked', (_what, change) => {
    const review = new Desk().changes(asked(change));
    expect(review.decide()).toBe('stale');
    expect([review.requests, review.decide()]).toEqual([2, 'approve']);
  });

  it('is stale when the person saw another request', () => {
    expect(new Desk().decide({ actionHash: actionHash(asked({ action: 'CloseTicket' })) })).toBe('stale');
  });

  it('has to name what was seen when an agent proposed it', () => {
    expect(new Desk(asked({ agent: 'support' })).decide({ actionHash: null })).toBe('HASH_MISSING');
    expect(new Desk().decide({ actionHash: null })).toBe('approve');
  });

  it('is refused to a role that the request does not name', () => {
    const review = new Desk(asked({ roles: ['support-lead'] }));
    expect([review.decide(), review.decide({ role: 'support-lead' })]).toEqual(['ROLE_NOT_ALLOWED', 'approve']);
  });

  it('is refused about another subject, with a text where none may be edited, and without a reason', () => {
    expect(new Desk().decide({ subjectId: 't2' })).toBe('REVIEW_NOT_OPEN');
    expect(new Desk().decide({ decision: 'edit', edited: 'Bye' })).toBe('DECISION_UNKNOWN');
    expect(new Desk().decide({ reason: ' ' })).toBe('REASON_MISSING');
  });

  it('takes two people who agree about the same text above the limit', () => {
    const review = new Desk(dear);
    const edit = { decision: 'edit', edited: 'Dear Ada' };
    expect(review.decide(edit)).toBe('endorsed');
    expect(review.decide(edit)).toBe('FOUR_EYES');
    expect(review.decide({ ...edit, actor: 'bo', edited: 'Dear Bo' })).toBe('endorsed');
    expect(review.decide({ ...edit, actor: 'cy', edited: 'Dear Bo' })).toBe('edit');
  });

  it('never takes effect above the limit unless two different people agreed, whatever comes in which order', () => {
    const one = fc.record({
      actor: fc.constantFrom('ada', 'bo', 'cy'),
      decision: fc.constantFrom('approve', 'edit'),
      edited: fc.constantFrom('Dear Ada', 'Dear Bo'),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), (decisions) => {
        const review = new Desk(dear);
        const agreed = new Map<string, Set<string>>();
        for (const { actor, decision, edited } of decisions) {
          const text = decision === 'edit' ? edited : null;
          const verdict = review.decide({ actor, decision, edited: text });
          const key = `${decision}/${text}`;
          agreed.set(key, (agreed.get(key) ?? new Set()).add(actor));
          if (verdict === 'approve' || verdict === 'edit') expect(agreed.get(key)!.size).toBeGreaterThan(1);
        }
        const ends = review.verdicts.filter((verdict) => verdict !== 'endorsed');
        expect(ends.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('the limits above which two people have to agree', () => {
  it.each([
    ['money at the limit', 1_000, 'eur', 1],
    ['money above the limit', 1_001, 'eur', 2],
    ['money of a currency without a limit', 1, 'usd', 2],
    ['no money', null, null, 1],
  ])('say of %s how many', (_what, amountMinor, currency, people) => {
    expect(peopleNeeded({ amountMinor, currency }, fourEyesLimits('eur=1000'))).toBe(people);
  });

  it('are refused when they are none', () => {
    expect(() => fourEyesLimits('eur:5')).toThrow('CONFIG_INVALID');
  });
});
