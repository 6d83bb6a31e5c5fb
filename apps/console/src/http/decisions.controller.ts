import { Body, Controller, Delete, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { CaseDecisionUndone } from '@towpath/contracts/console/CaseDecisionUndone.v1';
import { emit } from '@towpath/service-kit/message';
import { textHash } from '@towpath/service-kit/reviews/action-hash';
import type { FastifyReply } from 'fastify';
import { CaseDesk } from '../case-desk.js';
import { DecideCase } from '../decide-case.js';
import type { Caller } from '../token-book.js';
import { Access, By } from './access.js';
import { decisionBody, Parsed, type DecisionBody } from './bodies.js';
import { requestOf, shown } from './cases.controller.js';
import { Documented } from './documented.js';
import { Problem } from './problem.js';

/** What people decide, and take back while it is held. */
@Controller('cases/:reviewId/decisions')
export class DecisionsController {
  constructor(
    private readonly desk: CaseDesk,
    private readonly decider: DecideCase,
  ) {}

  @Post()
  @HttpCode(201)
  @Access('reviewer')
  @Documented({
    ...{ summary: 'Approve, edit or reject; held for the undo window, then signed by you and sent', status: 201 },
    ...{ body: decisionBody, versioned: true, problems: [404, 422] },
  })
  async decide(
    @Param('reviewId') reviewId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body(new Parsed(decisionBody)) body: DecisionBody,
    @By() by: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { decision, actionHash, edited = null } = body;
    if ((decision === 'edit') !== (edited !== null)) {
      throw new Problem(
        422,
        'FIELDS_INVALID',
        '`edit` and `edited` belong together: the text replaces the proposed one',
      );
    }
    const wish = { kind: 'decide', decision, actionHash, editedHash: textHash(edited) } as const;
    return shown(await this.decider.decide(requestOf(wish, by, reviewId, ifMatch), body, by), reply);
  }

  @Delete(':decisionId')
  @HttpCode(200)
  @Access('reviewer')
  @Documented({ summary: 'Undo a decision while it is held', versioned: true, problems: [404] })
  async undo(
    @Param('reviewId') reviewId: string,
    @Param('decisionId') decisionId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @By() by: Caller,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const request = requestOf({ kind: 'undo', decisionId }, by, reviewId, ifMatch);
    const done = await this.desk.act(request, (_state, now) => [
      emit(CaseDecisionUndone, { reviewId, decisionId, actor: by.name, undoneAt: now.getTime() }),
    ]);
    return shown(done, reply);
  }
}
