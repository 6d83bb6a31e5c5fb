import { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { OutboundClient } from '@towpath/outbound/outbound-client';
import { systemResolve, type Resolve } from '@towpath/outbound/pinned-lookup';
import { inTraceOf } from '@towpath/service-kit/tracing/in-trace-of';
import type { Surroundings } from '../../adapter.js';
import { answerOf, retryAfterMsOf } from '../../answer.js';
import { dataOf } from '../../effect-data.js';
import { resultOfFailure, Unsendable } from '../../failed-call.js';
import type { OpenEffect } from '../../ledger.projection.js';
import type { CallResult, ProbeResult, Provider } from '../../provider.js';
import type { Endpoint } from './endpoints.js';
import { endpointOf } from './hook-subject.js';
import { signedHook } from './signed-hook.js';
import type { HookSettings } from './hooks.adapter.js';

interface Way {
  readonly endpoint: Endpoint;
  readonly outlet: OutboundClient;
}

export class HooksProvider implements Provider {
  readonly keyWindowMs = 0;
  readonly callMsMax: number;
  readonly concurrency: number;
  readonly retry: Provider['retry'];
  readonly schedule: readonly number[];
  readonly breakers: Provider['breakers'];
  private readonly ways: ReadonlyMap<string, Way>;

  constructor(settings: HookSettings, around: Surroundings, resolve: Resolve = systemResolve) {
    const endpoints = Object.entries(settings.HOOK_ENDPOINTS);
    const outlets = endpoints.map(([name, one]) => [name, wayTo(name, one, settings, around, resolve)] as const);
    this.ways = new Map(outlets);
    this.callMsMax = settings.HOOK_CALL_MS_MAX;
    this.concurrency = settings.HOOK_CONCURRENCY;
    this.schedule = settings.HOOK_SCHEDULE;
    // The schedule says how often; these are not asked.
    this.retry = { attemptsMax: this.schedule.length, giveUpMs: 0, backoffBaseMs: 1_000, backoffMsMax: 60_000 };
    this.breakers = outlets.map(([name, { outlet }]) => ({
      name: `hooks/${name}`,
      get state() {
        return outlet.breakerState;
      },
      reset: () => outlet.resetBreaker(),
    }));
  }

  accepts(effect: OpenEffect): boolean {
    return this.ways.get(endpointOf(effect.subjectId))?.outlet.breakerState !== 'open';
  }

  execute(effect: OpenEffect): Promise<CallResult> {
    return inTraceOf(effect.origin, () => this.send(effect).catch(resultOfFailure));
  }

  probe(): Promise<ProbeResult> {
    return Promise.resolve({ kind: 'untold', detail: 'receivers are not asked; they drop repeats of a webhook-id' });
  }

  async close(): Promise<void> {
    await Promise.all([...this.ways.values()].map(({ outlet }) => outlet.close()));
  }

  private async send(effect: OpenEffect): Promise<CallResult> {
    const name = endpointOf(effect.subjectId);
    const way = this.ways.get(name);
    if (!way) throw new Unsendable('ENDPOINT_UNKNOWN', `HOOK_ENDPOINTS names no endpoint ${name}`);
    const { body, headers } = signedHook(dataOf(SendWebhook, effect), effect, way.endpoint.secrets, new Date());
    const response = await way.outlet.request({ method: 'POST', url: way.endpoint.url, headers, body });
    const answer = answerOf(response);
    const detail = `status ${answer.status}`;
    if (answer.status >= 200 && answer.status < 300) return { kind: 'done', reference: headers['webhook-id'] ?? '' };
    // By the standard a receiver that is gone for good says so with 410.
    if (answer.status === 410) return { kind: 'refused', code: 'GONE', detail };
    const retryAfterMs = retryAfterMsOf(answer);
    return { kind: 'not-acted', code: 'NOT_TAKEN', detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
}

function wayTo(name: string, endpoint: Endpoint, settings: HookSettings, around: Surroundings, resolve: Resolve): Way {
  const { protocol, hostname, origin } = new URL(endpoint.url);
  const perSecond = settings.HOOK_CALLS_PER_SECOND;
  const outlet = new OutboundClient(
    {
      provider: `hooks/${name}`,
      hosts: protocol === 'https:' ? [hostname] : [],
      loopbackOrigins: protocol === 'https:' ? [] : [origin],
      timeoutMs: settings.HOOK_CALL_MS_MAX,
      connectionsMax: 4,
      responseBytesMax: 65_536,
      rateLimit: { perSecond, burst: Math.max(1, Math.ceil(perSecond)), queueMax: 1_000 },
      breaker: { failures: settings.HOOK_BREAKER_FAILURES, openMs: settings.HOOK_BREAKER_OPEN_MS },
      dryRun: around.dryRun,
      onBreaker: (state, cause) => around.onBreaker(`hooks/${name}`, state, cause),
    },
    resolve,
  );
  return { endpoint, outlet };
}
