import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Runner } from '@towpath/agents/runner';
import { LeadScored } from '@towpath/contracts/growth/LeadScored.v1';
import {
  Handles,
  type DecisionState,
  type QueuedHandler,
  type Reads,
  type WorkContext,
} from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { Contacts } from '../contacts.js';
import { leads } from '../leads/lead.js';
import { letter } from '../onboarding/mails.js';
import { ContentDesk } from './content-desk.js';
import { DRAFTING, putForward, type Drafted, type Drafting } from './draft-content.js';
import { drafts } from './drafts.js';
import { contentQuestion } from './question.js';

type Message = Received<typeof LeadScored>;

/** Drafts what to write to a lead. It waits for nobody and nobody waits for it: the rep is on their way meanwhile. */
@Injectable()
@Handles(LeadScored, { mode: 'queued', emits: DRAFTING, timeoutMs: 45_000 })
export class DraftContent implements QueuedHandler<typeof LeadScored, typeof DRAFTING, Drafted | undefined> {
  constructor(
    private readonly runner: Runner,
    private readonly contacts: Contacts,
    private readonly desk: ContentDesk,
  ) {}

  reads({ data: { contactId } }: Message): Reads {
    return { streams: [leads.of(contactId), drafts.of(contactId)] };
  }

  async work(message: Message, { signal, firstTry }: WorkContext): Promise<Drafted | undefined> {
    const { contactId, signalId, grade } = message.data;
    const [told, known] = await Promise.all([
      this.contacts.lead(contactId, signalId),
      this.contacts.enriched(contactId, signalId),
    ]);
    if (!told || !known) return undefined;
    const { kind, code, product, domain, employees, seniority, interests } = known;
    const facts = { contactId, signalId, kind, code, product, domain, employees, seniority, interests, grade };
    const input = contentQuestion.parse({ ...facts, message: told.message });
    const request = { input, cause: message, subjectId: contactId, taint: 'untrusted', signal, firstTry } as const;
    const { writer, signedBy } = this.desk;
    const outcome = await this.runner.run(writer, request);
    const draft = outcome.status === 'decided' ? outcome.decision : this.desk.byLibrary(input);
    const text = letter(told.name, signedBy, draft.paragraphs);
    const textHash = hash('sha256', `${draft.subject}\n${text}`, 'hex');
    const { decidedBy, reasons, runId } = outcome;
    return { told, draft, text, textHash, decidedBy, reasons, runId };
  }

  handle({ data }: Message, state: DecisionState, drafted: Drafted | undefined): Drafting[] {
    const { contactId, signalId } = data;
    const lead = state.of(leads, contactId);
    const before = state.of(drafts, contactId);
    // Erased, written already, or something newer has happened, which is written about.
    if (!drafted || before.signalIds.includes(signalId) || lead.signalIds.at(-1) !== signalId) return [];
    return putForward(contactId, drafted, before, state.now);
  }
}
