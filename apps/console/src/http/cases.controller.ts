import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { CaseAssigned } from '@towpath/contracts/console/CaseAssigned.v1';
import { CaseClaimed } from '@towpath/contracts/console/CaseClaimed.v1';
import { CaseReleased } from '@towpath/contracts/console/CaseReleased.v1';
import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { foldable } from '@towpath/event-store/foldable';
import type { EventStore } from '@towpath/event-store/types';
import { emit } from '@towpath/service-kit/message';
import { InjectStore } from '@towpath/service-kit/platform';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { CaseDesk, type Act, type CaseRecord, type Request } from '../case-desk.js';
import { caseView, cursorOf, endedView, placeOf } from '../case-view.js';
import { readEndedCases, readOpenCases } from '../open-cases.projection.js';
import { RevealCase } from '../reveal-case.js';
import type { Wish } from '../review-case.decider.js';
import type { ReviewCase } from '../case-state.js';
import type { Caller } from '../token-book.js';
import { Access, By } from './access.js';
import { assignBody, listQuery, Parsed, revealBody, type ListQuery } from './bodies.js';
import { Documented } from './documented.js';
import { etagOf, expectedVersion } from './etag.js';
import { Problem } from './problem.js';

/** Cases: who reads, takes, gives back and assigns them. */
@Controller('cases')
export class CasesController {
  constructor(
    @InjectStore() private readonly store: EventStore,
    private readonly desk: CaseDesk,
    private readonly revealer: RevealCase,
  ) {}

  @Get()
  @Access('viewer')
  @Documented({
    summary: 'Cases, those due first; or those that ended, newest first',
    query: listQuery,
    problems: [422],
  })
  async list(@Query(new Parsed(listQuery)) query: ListQuery) {
    const place = query.cursor === undefined ? null : placeOf(query.cursor);
    const isPosition = typeof place === 'string';
    if (place === undefined || (place !== null && isPosition !== (query.status === 'closed'))) {
      throw new Problem(422, 'CURSOR_INVALID', 'cursor is not `next` of a page of this list');
    }
    return query.status === 'closed' ? this.ended(place as string | null, query) : this.open(place as never, query);
  }

  @Get(':reviewId')
  @Access('viewer')
  @Documented({ summary: 'One case, with its ETag', problems: [404] })
  async show(@Param('reviewId') reviewId: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return shown(await this.desk.read(reviewId), reply);
  }

  @Get(':reviewId/history')
  @Access('viewer')
  @Documented({ summary: 'Everything that happened to a case, oldest first; no personal data', problems: [404] })
  async history(@Param('reviewId') reviewId: string) {
    const { events } = await this.desk.read(reviewId);
    return {
      events: events.map(({ type, version, occurredAt, ...event }) => {
        const name = isContract(type) ? contractOf(type).name : type;
        return { name, version, at: occurredAt, data: foldable({ type, occurredAt, ...event }).data };
      }),
    };
  }

  @Post(':reviewId/assign')
  @HttpCode(200)
  @Access('supervisor')
  @Documented({ summary: 'Give a case to a person', body: assignBody, versioned: true, problems: [404, 422] })
  async assign(
    @Param('reviewId') reviewId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body(new Parsed(assignBody)) { assignee }: z.infer<typeof assignBody>,
    @By() by: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const wish = { kind: 'assign', assignee } as const;
    const acts = ({ assignee: before }: ReviewCase, now: Date): Act[] =>
      before === assignee
        ? []
        : [emit(CaseAssigned, { reviewId, assignee, actor: by.name, assignedAt: now.getTime() })];
    return shown(await this.desk.act(requestOf(wish, by, reviewId, ifMatch), acts), reply);
  }

  @Post(':reviewId/claim')
  @HttpCode(200)
  @Access('reviewer')
  @Documented({ summary: 'Work on a case, so that nobody else does', versioned: true, problems: [404] })
  async claim(
    @Param('reviewId') reviewId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @By() by: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const acts = ({ claimedBy }: ReviewCase, now: Date): Act[] =>
      claimedBy === by.name ? [] : [emit(CaseClaimed, { reviewId, actor: by.name, claimedAt: now.getTime() })];
    return shown(await this.desk.act(requestOf({ kind: 'claim' }, by, reviewId, ifMatch), acts), reply);
  }

  @Post(':reviewId/release')
  @HttpCode(200)
  @Access('reviewer')
  @Documented({ summary: 'Give a case back', versioned: true, problems: [404] })
  async release(
    @Param('reviewId') reviewId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @By() by: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const acts = (_state: ReviewCase, now: Date): Act[] => [
      emit(CaseReleased, { reviewId, actor: by.name, releasedAt: now.getTime() }),
    ];
    return shown(await this.desk.act(requestOf({ kind: 'release' }, by, reviewId, ifMatch), acts), reply);
  }

  @Post(':reviewId/reveal')
  @HttpCode(200)
  @Access('reviewer')
  @Documented({ summary: 'Read personal data of a case; recorded before', body: revealBody, problems: [404, 422] })
  reveal(
    @Param('reviewId') reviewId: string,
    @Body(new Parsed(revealBody)) { reason }: z.infer<typeof revealBody>,
    @By() by: Caller,
  ) {
    return this.revealer.reveal(reviewId, by, reason);
  }

  private async open(place: { decideBy: number; reviewId: string } | null, query: ListQuery) {
    const { service = null, person = null, overdue, limit } = query;
    const found = await readOpenCases(this.store, { service, person, overdue: overdue === 'true' }, place, limit);
    const last = found.at(-1);
    const isFull = found.length === limit && last?.asked !== undefined;
    const next = isFull ? cursorOf({ decideBy: last.decideBy ?? 0, reviewId: last.asked.reviewId }) : null;
    return { cases: found.map((state) => caseView(state, Date.now())), next };
  }

  private async ended(before: string | null, { limit }: ListQuery) {
    const found = await readEndedCases(this.store, before, limit);
    const last = found.at(-1);
    return { cases: found.map(endedView), next: found.length === limit && last ? cursorOf(last.position) : null };
  }
}

/** What a person asks for about a case as they saw it. */
export function requestOf(wish: Wish, by: Caller, reviewId: string, ifMatch: string | undefined): Request {
  return { wish, person: by, reviewId, expected: expectedVersion(ifMatch) };
}

/** A case as it is answered, with the tag to change it by. */
export function shown({ state }: CaseRecord, reply: FastifyReply) {
  void reply.header('etag', etagOf(state.version)).header('cache-control', 'no-store');
  return caseView(state, Date.now());
}
