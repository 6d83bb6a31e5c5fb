import { Inject, Injectable } from '@nestjs/common';
import type { Outcome } from '@towpath/agents/outcome';
import { Runner } from '@towpath/agents/runner';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyReleased } from '@towpath/contracts/support/ReplyReleased.v1';
import { ReplyReviewOpened } from '@towpath/contracts/support/ReplyReviewOpened.v1';
import { ReplyWithheld } from '@towpath/contracts/support/ReplyWithheld.v1';
import { TicketHandedOff } from '@towpath/contracts/support/TicketHandedOff.v1';
import type { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import type { DecisionState, WorkContext } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import { supportAgent } from './agent/support-agent.js';
import type { TicketAnswer, TicketQuestion } from './agent/ticket-question.js';
import type { SupportConfig } from './config.js';
import { loadMacros } from './draft/load-macros.js';
import type { Macros } from './draft/macros.js';
import { escalationReasons, type EscalationReason } from './escalate.decider.js';
import { ESCALATING } from './escalate.js';
import { customers } from './history/customers.projection.js';
import { factsOf } from './history/facts.js';
import { silenceForDraft, type Silence } from './standing.decider.js';
import { ticketCase } from './ticket-case.js';
import type { TicketCase } from './ticket-state.js';
import { TicketTexts } from './ticket-texts.js';

/** Everything an answer may lead to. */
export const ANSWERING = [
  ReplyDrafted,
  ReplyReviewOpened,
  ReplyReleased,
  ReplyWithheld,
  SendTicketReply,
  ReviewRequested,
  TicketHandedOff,
  ...ESCALATING,
] as const;

/** One message of a customer that triage has classified. */
export interface Asked {
  readonly ticketId: string;
  readonly messageId: string;
  readonly customerId: string;
  readonly intent: string;
  readonly confidence: number;
  readonly queue: string;
  readonly outOfScope: boolean;
}

/** What the work came to; `handle` holds it against the ticket as it is by then. */
export type Worked =
  | { readonly kind: 'silent'; readonly code: Silence | 'erased' }
  | { readonly kind: 'escalate'; readonly reasons: readonly EscalationReason[] }
  | { readonly kind: 'run'; readonly outcome: Outcome<TicketAnswer>; readonly message: TicketMessageNoted };

/** The macros as they are while this process runs. */
@Injectable()
export class MacroFile {
  readonly macros: Macros;

  constructor(@Inject(CONFIG) config: Pick<SupportConfig, 'SUPPORT_MACROS_FILE'>) {
    this.macros = loadMacros(config.SUPPORT_MACROS_FILE);
  }
}

/** Works out what to answer: looks at the rules for escalation first, then lets the agent draft. */
@Injectable()
export class Answering {
  private readonly agent;

  constructor(
    private readonly runner: Runner,
    private readonly texts: TicketTexts,
    readonly file: MacroFile,
    @Inject(CONFIG) config: Pick<SupportConfig, 'SUPPORT_AUTO_SEND_INTENTS' | 'SUPPORT_AUTO_SEND_CONFIDENCE'>,
  ) {
    const intents = config.SUPPORT_AUTO_SEND_INTENTS.split(',').map((intent) => intent.trim());
    this.agent = supportAgent(file.macros, { intents, confidenceMin: config.SUPPORT_AUTO_SEND_CONFIDENCE });
  }

  async answer(asked: Asked, cause: Received, { signal, state, firstTry }: WorkContext): Promise<Worked> {
    const { ticketId, messageId } = asked;
    const ticket = state.of(ticketCase, ticketId);
    const message = await this.texts.message(ticketId, messageId);
    // Triage says both in one breath; a message that waits for another try is noted later.
    if (ticket.asked === undefined) throw new Error('MESSAGE_AWAITED: the message of the ticket is not noted yet');
    const code = silenceForDraft(ticket, messageId);
    if (code) return { kind: 'silent', code };
    if (!message) return { kind: 'silent', code: 'erased' };
    const reasons = reasonsFor(asked, message, ticket, state);
    if (reasons.length > 0) return { kind: 'escalate', reasons };
    const account = await this.texts.account(ticket.accountId);
    const facts = factsOf(account, state.row(customers, asked.customerId), ticketId);
    const input = questionOf(asked, message, ticket, facts);
    const request = { input, cause, subjectId: asked.customerId, taint: 'untrusted', signal, firstTry } as const;
    return { kind: 'run', outcome: await this.runner.run(this.agent, request), message };
  }
}

function reasonsFor(
  asked: Asked,
  message: TicketMessageNoted,
  ticket: TicketCase,
  state: DecisionState,
): EscalationReason[] {
  return escalationReasons({
    ...{ subject: message.subject, text: message.body, vip: ticket.vip, outOfScope: asked.outOfScope },
    contacts: state.row(customers, asked.customerId)?.contacts ?? [],
    unanswered: ticket.unanswered,
    now: message.notedAt,
  });
}

function questionOf(
  asked: Asked,
  message: TicketMessageNoted,
  ticket: TicketCase,
  facts: TicketQuestion['facts'],
): TicketQuestion {
  const { ticketId, messageId, customerId, intent, confidence, queue } = asked;
  const { body, bodyTraits, authorVerified, channel } = message;
  // What stands in the subject alone is a question, too.
  const text = message.subject === '' || body.includes(message.subject) ? body : `${message.subject}\n${body}`;
  return {
    ...{ ticketId, messageId, customerId, channel, intent, confidence, queue, text, authorVerified, facts },
    replyId: replyIdOf(ticketId, messageId),
    traits: [...bodyTraits],
    path: [...ticket.specialists],
  };
}

/** The same for a message however often it is answered, so a customer's message has one reply. */
export function replyIdOf(ticketId: string, messageId: string): string {
  return `reply_${ticketId}_${messageId}`;
}
