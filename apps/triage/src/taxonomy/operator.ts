import { CancelRun } from '@towpath/contracts/agents/CancelRun.v1';
import { RetryRun } from '@towpath/contracts/agents/RetryRun.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { CloseLead } from '@towpath/contracts/growth/CloseLead.v1';
import { TakeLead } from '@towpath/contracts/growth/TakeLead.v1';
import { OperationRecorded } from '@towpath/contracts/ops/OperationRecorded.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { EraseSubject } from '@towpath/contracts/platform/EraseSubject.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { ResetBreaker } from '@towpath/contracts/platform/ResetBreaker.v1';
import { SettleEffect } from '@towpath/contracts/platform/SettleEffect.v1';
import { SwitchAgent } from '@towpath/contracts/platform/SwitchAgent.v1';
import { ReleaseTicket } from '@towpath/contracts/support/ReleaseTicket.v1';
import { TakeTicket } from '@towpath/contracts/support/TakeTicket.v1';
import { emit } from '@towpath/service-kit/message';
import { decideReview } from './decide-review.js';
import { asCode, BodyInvalid, codeAt, fieldsAt, jsonAt, requiredText, textAt, type Fields } from './fields.js';
import { rolesFor, type OperatorCommand } from './operator-command.js';
import { reasonIn } from './reason.js';
import { sagaCommands } from './saga-commands.js';
import type { Taxonomy } from './taxonomy.js';

/** A delivery's body takes 256 kB. */
const EDITED_CHARS_MAX = 200_000;

/** What is kept for ever says what changed and not all there is. */
const STATE_CHARS_MAX = 16_384;

const PHASES = ['intended', 'done', 'failed'];

/** Agents work for every team, so whoever leads one may stop a run. */
const RUN_ROLES = ['fraud-lead', 'support-lead', 'credit-lead', 'sales-lead', 'supervisor', 'admin'];

const SALES_ROLES = ['sales', 'sales-lead', 'supervisor', 'admin'];
const LEAD_ENDS = ['won', 'lost', 'disqualified'];

const TICKET_ROLES = ['support-agent', 'support-lead', 'supervisor', 'admin'];

/** What people may ask for, and in which role. The person is who signed; a name in the body counts for nothing. */
const commands: Readonly<Record<string, OperatorCommand>> = {
  UnfreezeAccount: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) =>
      emit(UnfreezeAccount, {
        accountId: requiredText(data, 'accountId'),
        actor,
        reason: reasonIn(data),
      }),
  },
  DecideReview: decideReview,
  RedriveDeadLetter: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) =>
      emit(RedriveDeadLetter, { ...letterOf(data, actor), edited: jsonAt(data, 'edited', EDITED_CHARS_MAX) }),
  },
  DiscardDeadLetter: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) => emit(DiscardDeadLetter, letterOf(data, actor)),
  },
  CancelRun: {
    roles: RUN_ROLES,
    build: (data, actor) => emit(CancelRun, { runId: requiredText(data, 'runId'), actor, reason: reasonIn(data) }),
  },
  RetryRun: {
    roles: RUN_ROLES,
    build: (data, actor) => emit(RetryRun, { runId: requiredText(data, 'runId'), actor, reason: reasonIn(data) }),
  },
  ...sagaCommands,
  // Whoever may decide what an agent asks for may stop it; to let it go on again takes more.
  KillAgent: {
    roles: ['fraud-analyst', 'fraud-lead', 'support-agent', 'support-lead', 'admin'],
    build: switching('killed'),
  },
  PauseAgent: {
    roles: ['fraud-analyst', 'fraud-lead', 'support-agent', 'support-lead', 'admin'],
    build: switching('paused'),
  },
  ResumeAgent: { roles: ['fraud-lead', 'support-lead', 'admin'], build: switching('running') },
  SettleEffect: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) => {
      const outcome = requiredText(data, 'outcome');
      if (outcome !== 'done' && outcome !== 'not-done') throw new BodyInvalid('outcome must be done or not-done');
      return emit(SettleEffect, { effectId: requiredText(data, 'effectId'), outcome, actor, reason: reasonIn(data) });
    },
  },
  ResetBreaker: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) =>
      emit(ResetBreaker, { breakerId: requiredText(data, 'breakerId'), actor, reason: reasonIn(data) }),
  },
  TakeTicket: {
    roles: TICKET_ROLES,
    build: (data, actor) =>
      emit(TakeTicket, { ticketId: requiredText(data, 'ticketId'), actor, reason: reasonIn(data) }),
  },
  ReleaseTicket: {
    roles: TICKET_ROLES,
    build: (data, actor) =>
      emit(ReleaseTicket, { ticketId: requiredText(data, 'ticketId'), actor, reason: reasonIn(data) }),
  },
  TakeLead: {
    roles: SALES_ROLES,
    build: (data, actor) =>
      emit(TakeLead, {
        contactId: requiredText(data, 'contactId'),
        actor,
        reason: textAt(data, 'reason') === null ? null : reasonIn(data),
      }),
  },
  CloseLead: {
    roles: SALES_ROLES,
    build: (data, actor) => {
      const outcome = requiredText(data, 'outcome');
      if (!LEAD_ENDS.includes(outcome)) throw new BodyInvalid(`outcome must be ${LEAD_ENDS.join(', ')}`);
      return emit(CloseLead, { contactId: requiredText(data, 'contactId'), outcome, actor, reason: reasonIn(data) });
    },
  },
  // It can't be undone.
  EraseSubject: {
    roles: ['admin'],
    build: (data, actor) =>
      emit(EraseSubject, {
        erasureId: requiredText(data, 'erasureId'),
        subject: subjectOf(data),
        actor,
        reason: reasonIn(data),
      }),
  },
  // Not by RecordOperation: fewer roles may look at personal data than may record.
  RevealPersonalData: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor, at) =>
      emit(OperationRecorded, {
        operationId: requiredText(data, 'operationId'),
        phase: 'intended',
        verb: REVEAL,
        target: requiredText(data, 'target'),
        before: null,
        after: null,
        actor,
        reason: reasonIn(data),
        recordedAt: at,
      }),
  },
  // What it records is done with the person's own access to Kafka and Postgres, so whoever may decide anything may record.
  RecordOperation: {
    roles: ['fraud-analyst', 'fraud-lead', 'admin'],
    build: (data, actor, at) => {
      const phase = requiredText(data, 'phase');
      if (textAt(data, 'verb') === REVEAL) throw new BodyInvalid('a reveal is asked for by RevealPersonalData');
      if (!PHASES.includes(phase)) throw new BodyInvalid(`phase must be one of ${PHASES.join(', ')}`);
      return emit(OperationRecorded, {
        operationId: requiredText(data, 'operationId'),
        phase,
        verb: requiredText(data, 'verb'),
        target: requiredText(data, 'target'),
        before: jsonAt(data, 'before', STATE_CHARS_MAX),
        after: jsonAt(data, 'after', STATE_CHARS_MAX),
        actor,
        reason: reasonIn(data),
        recordedAt: at,
      });
    },
  },
};

function switching(to: string): OperatorCommand['build'] {
  return (data, actor) => {
    const agent = requiredText(data, 'agent');
    if (!/^[a-z][a-z0-9-]{0,63}$/.test(agent)) throw new BodyInvalid('agent must be the name of an agent');
    return emit(SwitchAgent, { agent, to, actor, reason: reasonIn(data) });
  };
}

/** Ids of providers are short and of visible ASCII; the vault's own keys have a colon in their names. */
function subjectOf(data: Fields): string {
  const subject = requiredText(data, 'subject');
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(subject)) {
    throw new BodyInvalid(
      'subject must be the id of a customer: letters, digits, dots, dashes, underscores, at most 128',
    );
  }
  return subject;
}

/** The verb that the vault looks for before it hands out a key. */
const REVEAL = 'reveal';

function letterOf(data: Fields, actor: string) {
  const [deadLetterId, service] = [requiredText(data, 'deadLetterId'), requiredText(data, 'service')];
  return { deadLetterId, service, actor, reason: reasonIn(data) };
}

export const operator: Taxonomy = {
  provider: 'operator',
  chargesOf: () => [],
  route(body, delivery) {
    const event = body as Fields;
    const about = {
      providerType: codeAt(event, 'type') ?? 'unknown',
      providerEventId: asCode(delivery.data.signedId),
      // An edited text is a person's: the delivery that brought it is erased with them.
      owner: textAt(fieldsAt(event, 'data'), 'personId'),
    };
    const command = Object.hasOwn(commands, about.providerType) ? commands[about.providerType] : undefined;
    if (!command) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    const { actor, role, receivedAt: at } = delivery.data;
    const data = fieldsAt(event, 'data');
    const roles = rolesFor(command, data);
    if (actor === null || role === null || !roles.includes(role)) {
      const detail = `${actor ?? 'nobody'} is ${role ?? 'without a role'}; ${about.providerType} takes ${roles.join(' or ')}`;
      return { kind: 'refused', about, code: 'ROLE_NOT_ALLOWED', detail };
    }
    try {
      const message = command.build(data, actor, at, role);
      return { kind: 'routed', about, messages: [message] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};
