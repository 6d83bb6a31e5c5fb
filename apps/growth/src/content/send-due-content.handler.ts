import { Injectable } from '@nestjs/common';
import type { LeadContentDrafted } from '@towpath/contracts/growth/LeadContentDrafted.v1';
import { LeadContentDropped } from '@towpath/contracts/growth/LeadContentDropped.v1';
import { LeadContentDue } from '@towpath/contracts/growth/LeadContentDue.v1';
import { LeadContentReleased } from '@towpath/contracts/growth/LeadContentReleased.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { Handles, type DecisionState, type QueuedHandler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { actionHash } from '@towpath/service-kit/reviews/action-hash';
import { Contacts } from '../contacts.js';
import { contentReview } from './content-review.js';
import { release } from './draft-content.js';
import { drafts } from './drafts.js';

const EMITS = [LeadContentReleased, LeadContentDropped, SendMail] as const;
type Message = Received<typeof LeadContentDue>;

/** What is written, and to whom; undefined when the person was erased meanwhile. */
interface Letter {
  readonly draft: LeadContentDrafted;
  readonly to: string;
}

/** Sends what a person approved. */
@Injectable()
@Handles(LeadContentDue, { mode: 'queued', emits: EMITS, decrypts: true })
export class SendDueContent implements QueuedHandler<typeof LeadContentDue, typeof EMITS, Letter | undefined> {
  constructor(private readonly contacts: Contacts) {}

  reads({ data }: Message): Reads {
    return { streams: [drafts.of(data.contactId)] };
  }

  async work({ data: { contactId, draftId } }: Message): Promise<Letter | undefined> {
    const draft = await this.contacts.draft(contactId, draftId);
    const told = draft && (await this.contacts.lead(contactId, draft.signalId));
    return draft && told && { draft, to: told.email };
  }

  handle({ data }: Message, state: DecisionState, found: Letter | undefined): Emission<(typeof EMITS)[number]>[] {
    const { contactId, draftId, approvedBy: by, edited } = data;
    const { pending } = state.of(drafts, contactId);
    // Overtaken by a newer draft, or sent.
    if (pending?.draftId !== draftId) return [];
    const at = state.now.getTime();
    if (!found) return [emit(LeadContentDropped, { contactId, draftId, code: 'erased', actor: null, droppedAt: at })];
    const { draft, to } = found;
    const mail = { subject: draft.subject, text: edited ?? draft.text, to };
    const approval = { by, hash: actionHash(contentReview(contactId, pending)) };
    return release(contactId, draftId, mail, at, approval);
  }
}
