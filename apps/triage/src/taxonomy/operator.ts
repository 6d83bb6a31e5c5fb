import { ResolvePaymentReview } from '@towpath/contracts/fraud/ResolvePaymentReview.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { OperationRecorded } from '@towpath/contracts/ops/OperationRecorded.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { emit } from '@towpath/service-kit/message';
import type { DomainMessage } from '../domain-contracts.js';
import { BodyInvalid, fieldsAt, jsonAt, requiredText, textAt, type Fields } from './fields.js';
import type { Taxonomy } from './taxonomy.js';

interface Command {
  /** roles that may give it */
  readonly roles: readonly string[];
  /** @param at when it came in, milliseconds since the epoch */
  build(data: Fields, actor: string, at: number): DomainMessage;
}

/** A delivery's body takes 256 kB. */
const EDITED_CHARS_MAX = 200_000;

/** What is kept for ever says what changed and not all there is. */
const STATE_CHARS_MAX = 16_384;

const PHASES = ['intended', 'done', 'failed'];

/** What people may ask for, and in which role. The person is who signed; a name in the body counts for nothing. */
const commands: Readonly<Record<string, Command>> = {
  UnfreezeAccount: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) =>
      emit(UnfreezeAccount, {
        accountId: requiredText(data, 'accountId'),
        actor,
        reason: requiredText(data, 'reason'),
      }),
  },
  ResolvePaymentReview: {
    roles: ['fraud-analyst', 'fraud-lead', 'admin'],
    build: (data, actor) => {
      const decision = requiredText(data, 'decision');
      if (decision !== 'approve' && decision !== 'reject') throw new BodyInvalid('decision must be approve or reject');
      const paymentId = requiredText(data, 'paymentId');
      return emit(ResolvePaymentReview, { paymentId, decision, actor, reason: requiredText(data, 'reason') });
    },
  },
  RedriveDeadLetter: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) =>
      emit(RedriveDeadLetter, { ...letterOf(data, actor), edited: jsonAt(data, 'edited', EDITED_CHARS_MAX) }),
  },
  DiscardDeadLetter: {
    roles: ['fraud-lead', 'admin'],
    build: (data, actor) => emit(DiscardDeadLetter, letterOf(data, actor)),
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
        reason: requiredText(data, 'reason'),
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
        reason: requiredText(data, 'reason'),
        recordedAt: at,
      });
    },
  },
};

/** The verb that the vault looks for before it hands out a key. */
const REVEAL = 'reveal';

function letterOf(data: Fields, actor: string) {
  const [deadLetterId, service] = [requiredText(data, 'deadLetterId'), requiredText(data, 'service')];
  return { deadLetterId, service, actor, reason: requiredText(data, 'reason') };
}

export const operator: Taxonomy = {
  provider: 'operator',
  chargesOf: () => [],
  route(body, delivery) {
    const event = body as Fields;
    const about = {
      providerType: textAt(event, 'type') ?? 'unknown',
      providerEventId: delivery.data.signedId,
      owner: null,
    };
    const command = Object.hasOwn(commands, about.providerType) ? commands[about.providerType] : undefined;
    if (!command) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    const { actor, role } = delivery.data;
    if (actor === null || role === null || !command.roles.includes(role)) {
      const detail = `${actor ?? 'nobody'} is ${role ?? 'without a role'}; ${about.providerType} takes ${command.roles.join(' or ')}`;
      return { kind: 'refused', about, code: 'ROLE_NOT_ALLOWED', detail };
    }
    try {
      const message = command.build(fieldsAt(event, 'data'), actor, delivery.data.receivedAt);
      return { kind: 'routed', about, messages: [message] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};
