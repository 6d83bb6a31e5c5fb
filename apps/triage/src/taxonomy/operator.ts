import { ResolvePaymentReview } from '@towpath/contracts/fraud/ResolvePaymentReview.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { emit } from '@towpath/service-kit/message';
import type { DomainMessage } from '../domain-contracts.js';
import { BodyInvalid, fieldsAt, requiredText, textAt, type Fields } from './fields.js';
import type { Taxonomy } from './taxonomy.js';

interface Command {
  /** roles that may give it */
  readonly roles: readonly string[];
  build(data: Fields, actor: string): DomainMessage;
}

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
};

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
      return { kind: 'routed', about, messages: [command.build(fieldsAt(event, 'data'), actor)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};
