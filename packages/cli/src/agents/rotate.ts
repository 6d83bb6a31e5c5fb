import { publicKeysOf, rotateAgentKey } from '@towpath/stack/agent-keys';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { localServices } from '../local/service-environment.js';
import { change } from '../operator/change.js';
import type { ChangeOptions } from '../operator/change-options.js';

/** Gives a service's agents a new key; what the old one signed verifies for `overlapMs`. Throws SERVICE_UNKNOWN. */
export async function rotateKey(
  context: Context,
  addresses: Addresses,
  { service, overlapMs }: { service: string; overlapMs: number },
  options: ChangeOptions,
): Promise<void> {
  const able = localServices.filter(({ hasAgents }) => hasAgents).map(({ name }) => String(name));
  if (!able.includes(service)) {
    throw new CliError('SERVICE_UNKNOWN', `${service} has no agents' key; services with one: ${able.join(', ')}.`);
  }
  const until = new Date(Date.now() + overlapMs);
  const current = publicKeysOf(addresses.home).find((key) => key.service === service && !key.expiresAt);
  const operation = {
    verb: 'agents rotate',
    target: service,
    before: { kid: current?.kid ?? null },
    after: { overlapUntil: until.toISOString() },
  };
  const kid = await change(context, addresses, operation, options, () =>
    rotateAgentKey(addresses.home, service, until),
  );
  const text = `${service} signs with ${kid}; ${current?.kid ?? 'no key'} verifies until ${until.toISOString()}`;
  context.show(text, { service, kid, previous: current?.kid ?? null, overlapUntil: until.toISOString() });
}
