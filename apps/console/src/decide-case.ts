import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { DecisionHoldOver } from '@towpath/contracts/console/DecisionHoldOver.v1';
import { emit, remind } from '@towpath/service-kit/message';
import { InjectConfig } from '@towpath/service-kit/platform';
import { textHash } from '@towpath/service-kit/reviews/action-hash';
import { CaseDesk, type Act, type CaseRecord, type Request } from './case-desk.js';
import type { ConsoleConfig } from './config.js';
import type { ReviewCase } from './case-state.js';
import { signDelivery, type SignedDelivery } from './signed-delivery.js';
import type { Caller } from './token-book.js';

/** What a person decided, in the words of the request. */
export interface Decided {
  readonly decision: string;
  readonly reasonCode: string;
  readonly reason: string;
  readonly edited?: string | undefined;
}

/** Records what a person decides, signed with the key that only their token gives, and lets it leave when the hold is over. */
@Injectable()
export class DecideCase {
  constructor(
    private readonly desk: CaseDesk,
    @InjectConfig() private readonly config: ConsoleConfig,
  ) {}

  /** Throws CaseRefused. */
  async decide(request: Request, decided: Decided, caller: Caller): Promise<CaseRecord> {
    const decisionId = `cmd_${randomUUID()}`;
    // The signature is made once, however often the commit is tried; the rules hold the decision to what this record shows.
    const { state } = await this.desk.read(request.reviewId);
    const signedAt = new Date();
    const command = commandOf(state, request, decided);
    const delivery = signDelivery(caller.token, decisionId, command, signedAt);
    return this.desk.act(request, (current, now) =>
      this.acts({ decisionId, decided, caller, delivery, signedAt }, current, now),
    );
  }

  private acts(
    { decisionId, decided, caller, delivery, signedAt }: Signed,
    { asked }: ReviewCase,
    now: Date,
  ): readonly Act[] {
    const { reviewId, personId, actionHash } = asked!;
    const { decision, reasonCode, reason, edited = null } = decided;
    const sealedFor = personId === '' ? `review_${reviewId}` : personId;
    const heldUntil = new Date(now.getTime() + this.config.UNDO_SECONDS * 1_000);
    return [
      emit(CaseDecided, {
        ...{ reviewId, decisionId, sealedFor, decision, reasonCode, reason, edited, editedHash: textHash(edited) },
        ...{ actionHash, actor: caller.name, role: caller.role, tokenId: caller.tokenId },
        ...{ delivery: JSON.stringify(delivery), decidedAt: now.getTime(), heldUntil: heldUntil.getTime() },
      }),
      remind(DecisionHoldOver, heldUntil, { reviewId, decisionId, signedAt: signedAt.getTime() }),
    ];
  }
}

interface Signed {
  readonly decisionId: string;
  readonly decided: Decided;
  readonly caller: Caller;
  readonly delivery: SignedDelivery;
  readonly signedAt: Date;
}

/** The command as ingress's source `operator` takes it. It names the hash, so that its owner refuses it for anything else. */
function commandOf({ asked }: ReviewCase, { wish, reviewId }: Request, decided: Decided): object {
  const { decision, reasonCode, reason, edited = null } = decided;
  const actionHash = wish.kind === 'decide' ? wish.actionHash : null;
  const { service, subjectType, subjectId, personId } = asked!;
  const about = { reviewId, service, subjectType, subjectId, personId: personId === '' ? null : personId };
  return { type: 'DecideReview', data: { ...about, decision, reasonCode, reason, edited, actionHash } };
}
