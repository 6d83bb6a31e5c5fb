import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { emit } from '@towpath/service-kit/message';
import type { DomainMessage } from '../domain-contracts.js';
import { asCode, BodyInvalid, codeAt, fieldsAt, requiredText, textAt, timeAt, type Fields } from './fields.js';
import type { Taxonomy } from './taxonomy.js';

type PlatformRoute = (data: Fields, at: number) => DomainMessage;

/** Events of a team's own tools, signed by Standard Webhooks: `{ type, timestamp, data }`. */
const routes: Readonly<Record<string, PlatformRoute>> = {
  'deploy.completed': (data, at) =>
    emit(DeployCompleted, {
      deployId: requiredText(data, 'id'),
      deployedService: requiredText(data, 'service'),
      version: requiredText(data, 'version'),
      environment: requiredText(data, 'environment'),
      status: textAt(data, 'status') ?? 'succeeded',
      completedAt: timeAt(data, 'completedAt', at),
    }),
  'alert.triggered': (data, at) =>
    emit(AlertTriggered, {
      alertId: requiredText(data, 'id'),
      name: requiredText(data, 'name'),
      severity: textAt(data, 'severity') ?? 'warning',
      summary: textAt(data, 'summary') ?? '',
      alertedService: textAt(data, 'service'),
      triggeredAt: timeAt(data, 'triggeredAt', at),
    }),
};

export const platform: Taxonomy = {
  provider: 'platform',
  chargesOf: () => [],
  route(body, delivery) {
    const event = body as Fields;
    const about = {
      providerType: codeAt(event, 'type') ?? 'unknown',
      providerEventId: asCode(delivery.data.signedId),
      owner: null,
    };
    const route = Object.hasOwn(routes, about.providerType) ? routes[about.providerType] : undefined;
    if (!route) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    try {
      const at = timeAt(event, 'timestamp', delivery.data.receivedAt);
      return { kind: 'routed', about, messages: [route(fieldsAt(event, 'data'), at)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};
