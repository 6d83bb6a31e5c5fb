import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { CaseDecisionSent } from '@towpath/contracts/console/CaseDecisionSent.v1';
import { CaseSlaDue } from '@towpath/contracts/console/CaseSlaDue.v1';
import { DecisionAnswerDue } from '@towpath/contracts/console/DecisionAnswerDue.v1';
import { DecisionHoldOver } from '@towpath/contracts/console/DecisionHoldOver.v1';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
import { CloseCase } from './close-case.handler.js';
import { consoleConfig } from './config.js';
import { EscalateCase } from './escalate-case.handler.js';
import { MissAnswer } from './miss-answer.handler.js';
import { OpenCase } from './open-case.handler.js';
import { ReleaseDecision } from './release-decision.handler.js';
import { reviewCases } from './review-case.js';
import { isCurrent } from './signed-delivery.js';

const MINUTE_MS = 60_000;
const config = { ...consoleConfig.parse({}), FOUR_EYES_ABOVE: 'eur=1000' };

/** A case under its handlers, with a clock of its own; timers are handed over by the spec. */
class Desk {
  now = 0;
  readonly events: DomainEvent[] = [];

  ask(over: Partial<Parameters<typeof requestReview>[0]> = {}): Emission[] {
    const request = requestReview({
      ...{ reviewId: 'r1', service: 'support', subjectType: 'ticket', subjectId: 't1', reason: 'angry' },
      ...{ action: 'SendTicketReply', arguments: {}, evidence: {}, slaMinutes: 30, ...over },
    });
    return this.takes(new OpenCase(config), request.data);
  }

  takes(handler: { handle(message: never, state: DecisionState): readonly Emission[] }, data: object): Emission[] {
    const message = { data, time: new Date(this.now), source: '/services/support' } as unknown as Received;
    const emissions = handler.handle(message as never, this.state());
    this.append(...emissions.filter(({ dueAt }) => dueAt === undefined));
    return [...emissions];
  }

  append(...emissions: readonly Emission[]): void {
    for (const { contract, data } of emissions) {
      const place = { id: '', stream: 'review-case-r1', metadata: {} as never, occurredAt: new Date(this.now) };
      this.events.push({ ...place, type: contract.type, data });
    }
  }

  decided(heldUntil: number): void {
    this.append(
      emit(CaseDecided, {
        ...{ reviewId: 'r1', decisionId: 'd1', decision: 'approve', reasonCode: 'ok', reason: 'fine', sealedFor: 'x' },
        ...{ edited: null, delivery: null, editedHash: null, actionHash: null, actor: 'ada', role: 'reviewer' },
        ...{ tokenId: 'token', decidedAt: this.now, heldUntil },
      }),
    );
  }

  get case() {
    return fold(reviewCases, this.events);
  }

  private state(): DecisionState {
    return { now: new Date(this.now), of: () => this.case, row: () => undefined } as unknown as DecisionState;
  }
}

const names = (emissions: readonly Emission[]): string[] => emissions.map(({ contract }) => contract.name);
const dataOf = <C extends Contract>(emissions: readonly Emission[], contract: C): DataOf<C> =>
  emissions.find((one) => one.contract.type === contract.type)!.data as DataOf<C>;

describe('the time of a case', () => {
  it('goes to supervisors, then to admins, each with an alert, when nobody decides, and ends there', () => {
    const desk = new Desk();
    let due = dataOf(desk.ask(), CaseSlaDue);
    expect(desk.case).toMatchObject({ decideBy: 30 * MINUTE_MS, leastRole: null });
    for (const role of ['supervisor', 'admin']) {
      desk.now = desk.case.decideBy!;
      const escalated = desk.takes(new EscalateCase(), due);
      expect(names(escalated)).toEqual(['CaseEscalated', 'AlertRaised', 'CaseSlaDue']);
      expect(desk.case).toMatchObject({ leastRole: role, decideBy: desk.now + 30 * MINUTE_MS });
      due = dataOf(escalated, CaseSlaDue);
    }
    desk.now = desk.case.decideBy!;
    expect(desk.takes(new EscalateCase(), due)).toEqual([]);
  });

  it('is that of the newest request: a timer of an earlier one does nothing', () => {
    const desk = new Desk();
    const due = dataOf(desk.ask(), CaseSlaDue);
    desk.takes(new CloseCase(), { reviewId: 'r1', outcome: 'stale', actor: 'ada' });
    desk.ask({ evidence: { rules: 2 } });
    expect(desk.case.asked).toMatchObject({ revision: 2 });
    expect(desk.takes(new EscalateCase(), due)).toEqual([]);
  });

  it('waits while a decision is on its way', () => {
    const desk = new Desk();
    const due = dataOf(desk.ask(), CaseSlaDue);
    desk.decided(10_000);
    expect(names(desk.takes(new EscalateCase(), due))).toEqual(['CaseSlaDue']);
  });

  it('ends no later than when the owner decides without a person', () => {
    const desk = new Desk();
    desk.ask({ dueAt: 5 * MINUTE_MS });
    expect(desk.case.decideBy).toBe(5 * MINUTE_MS);
  });
});

describe('a decision on its way', () => {
  const over = { reviewId: 'r1', decisionId: 'd1', signedAt: 0 };

  it('leaves once when its hold is over', () => {
    const desk = new Desk();
    desk.ask();
    desk.decided(10_000);
    expect(names(desk.takes(new ReleaseDecision(), over))).toEqual(['CaseDecisionReleased', 'SendDecision']);
    expect(desk.takes(new ReleaseDecision(), over)).toEqual([]);
  });

  it('does not leave when its review ended meanwhile, which its case says', () => {
    const desk = new Desk();
    desk.ask();
    desk.decided(10_000);
    const closed: ReviewClosed = { reviewId: 'r1', outcome: 'expired', actor: null };
    expect(names(desk.takes(new CloseCase(), closed))).toEqual(['CaseDecisionFailed', 'CaseClosed']);
    expect(desk.takes(new ReleaseDecision(), over)).toEqual([]);
  });

  it('that its owner does not answer gives the case back and raises an alert, once', () => {
    const desk = new Desk();
    desk.ask();
    desk.decided(10_000);
    desk.takes(new ReleaseDecision(), over);
    desk.append(emit(CaseDecisionSent, { reviewId: 'r1', decisionId: 'd1', deliveryId: 'x', sentAt: 0 }));
    const missed = desk.takes(new MissAnswer(), { reviewId: 'r1', decisionId: 'd1' } satisfies DecisionAnswerDue);
    expect(names(missed)).toEqual(['CaseDecisionFailed', 'CaseEscalated', 'AlertRaised', 'CaseSlaDue']);
    expect(desk.case).toMatchObject({ status: 'open', pending: null, leastRole: 'supervisor' });
    expect(desk.takes(new MissAnswer(), { reviewId: 'r1', decisionId: 'd1' })).toEqual([]);
  });

  it('is sent only while ingress takes its signature, with room for clocks that differ', () => {
    expect([isCurrent(0, 270_000), isCurrent(0, 270_001)]).toEqual([true, false]);
    expect(consoleConfig.safeParse({ UNDO_SECONDS: 181 }).success).toBe(false);
  });

  it('of a case above the limit takes two people', () => {
    const desk = new Desk();
    desk.ask({ amount: { minor: 1_001, currency: 'EUR' } });
    expect(desk.case.asked).toMatchObject({ people: 2, currency: 'eur' });
  });

  it.each([DecisionHoldOver, CaseSlaDue])('is a timer of the store: $name is never published', ({ kind }) => {
    expect(kind).toBe('internal');
  });
});
