import { keyBookIn } from '@towpath/agents/identity/key-files';
import type { KeyBook } from '@towpath/agents/identity/keys';
import type { Logger } from '@towpath/service-kit/logger';

/** Injection token of the public keys that agents' proofs are verified by. */
export const AGENT_KEYS = Symbol('AGENT_KEYS');

/** The keys of AGENT_PUBLIC_KEYS_FILE. Without one no agent can show anything, so what agents ask for is refused. */
export function agentKeys(config: Readonly<Record<string, unknown>>, logger: Pick<Logger, 'warn'>): KeyBook {
  const file = config['AGENT_PUBLIC_KEYS_FILE'];
  if (typeof file === 'string' && file !== '') return keyBookIn(file);
  logger.warn({ code: 'AGENT_KEYS_MISSING' }, 'agents.no-keys: set AGENT_PUBLIC_KEYS_FILE');
  return { find: () => undefined };
}
