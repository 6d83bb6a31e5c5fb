import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CaseAssigned } from '@towpath/contracts/console/CaseAssigned.v1';
import { CaseClaimed } from '@towpath/contracts/console/CaseClaimed.v1';
import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { CaseDecisionUndone } from '@towpath/contracts/console/CaseDecisionUndone.v1';
import { CaseReleased } from '@towpath/contracts/console/CaseReleased.v1';
import { CaseRevealed } from '@towpath/contracts/console/CaseRevealed.v1';
import { DecisionHoldOver } from '@towpath/contracts/console/DecisionHoldOver.v1';
import { fold } from '@towpath/event-store/fold';
import { foldable } from '@towpath/event-store/foldable';
import type { EventStore, StoredEvent } from '@towpath/event-store/types';
import { Decisions } from '@towpath/service-kit/decisions';
import type { Emission, Received } from '@towpath/service-kit/message';
import { InjectStore } from '@towpath/service-kit/platform';
import type { ReviewCase } from './case-state.js';
import { reviewCases } from './review-case.js';
import { refusalOf, type Person, type Refused, type Wish } from './review-case.decider.js';

/** What people's requests append. */
export const ACTS = [
  CaseAssigned,
  CaseClaimed,
  CaseReleased,
  CaseDecided,
  CaseDecisionUndone,
  CaseRevealed,
  DecisionHoldOver,
] as const;
export type Act = Emission<(typeof ACTS)[number]>;

/** A case with everything that happened to it. */
export interface CaseRecord {
  readonly state: ReviewCase;
  readonly events: readonly StoredEvent[];
}

/** Thrown when a wish is refused; nothing was appended. */
export class CaseRefused extends Error {
  constructor(readonly refused: Refused) {
    super(`${refused.code}: ${refused.detail}`);
    this.name = 'CaseRefused';
  }
}

export interface Request {
  readonly wish: Wish;
  readonly person: Person;
  readonly reviewId: string;
  /** the version that the person saw; null = whatever it is */
  readonly expected: number | null;
}

/** Carries out what people do to cases, through the same commits as the service's messages. */
@Injectable()
export class CaseDesk {
  constructor(
    @InjectStore() private readonly store: EventStore,
    private readonly decisions: Decisions,
  ) {}

  /** Throws CaseRefused CASE_UNKNOWN. */
  async read(reviewId: string): Promise<CaseRecord> {
    const events = await this.store.read(reviewCases.of(reviewId));
    if (events.length === 0) throw new CaseRefused({ code: 'CASE_UNKNOWN', detail: 'there is no such case' });
    return { state: fold(reviewCases, events.map(foldable)), events };
  }

  /**
   * Appends what `acts` gives, when the rules allow the wish; the rules see the case as it is then. Throws CaseRefused. `acts` is pure and
   * may run several times.
   */
  async act(request: Request, acts: (state: ReviewCase, now: Date) => readonly Act[]): Promise<CaseRecord> {
    const { wish, person, reviewId, expected } = request;
    const { events } = await this.read(reviewId);
    const refused: { last: Refused | null } = { last: null };
    await this.decisions.run({
      step: `${person.name}/${wish.kind}`,
      cause: requestOf(reviewId, events),
      emits: ACTS,
      reads: { streams: [reviewCases.of(reviewId)] },
      decide: (state) => {
        const current = state.of(reviewCases, reviewId);
        refused.last = refusalOf(wish, person, current, { expected, now: state.now.getTime() });
        return refused.last ? [] : acts(current, state.now);
      },
    });
    if (refused.last) throw new CaseRefused(refused.last);
    return this.read(reviewId);
  }
}

/** A person's request as the cause of what it appends: it belongs to the story in which the review was asked for. */
function requestOf(reviewId: string, events: readonly StoredEvent[]): Received {
  const id = randomUUID();
  return {
    ...{ id, type: 'console.request', data: {}, subject: reviewId, source: '/services/console', time: new Date() },
    correlationId: events.at(-1)?.metadata.correlationId ?? id,
    ...{ causationId: null, hops: 0, path: [], traceparent: null },
  };
}
