import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { Adapter, Surroundings } from '../adapter.js';
import { adapters } from '../adapters.js';
import { dividedData } from '../effect-data.js';
import type { OpenEffect } from '../ledger.projection.js';
import type { Provider } from '../provider.js';
import { routeOf } from '../providers.js';

let count = 0;

/** The effect that a command would become. */
export function effectFor<C extends Contract>(
  contract: C,
  data: DataOf<C>,
  changes: Partial<OpenEffect> = {},
): OpenEffect {
  count += 1;
  const effectId = (count.toString(16) + process.pid.toString(16)).padStart(32, 'e');
  const route = routeOf(adapters, contract.type, data);
  if (!route) throw new Error(`no adapter takes this ${contract.type}`);
  return {
    effectId,
    action: contract.type,
    ...route,
    idempotencyKey: `towpath-${effectId}`,
    ...dividedData(contract, data as object),
    reservedAt: Date.now(),
    agent: null,
    attempts: 0,
    firedAt: null,
    origin: { id: 'c1', correlationId: 'story-1', hops: 1, path: [], traceparent: null },
    ...changes,
  };
}

/** An adapter as egress opens it, with settings as they stand in the environment. */
export function opened(
  adapter: Adapter,
  environment: Record<string, string>,
  changes: Partial<Surroundings> = {},
): Provider {
  const around: Surroundings = {
    dryRun: false,
    sandboxUrl: '',
    storyKey: undefined,
    onBreaker: () => undefined,
    ...changes,
  };
  return adapter.open(adapter.settings.parse(environment), around);
}
