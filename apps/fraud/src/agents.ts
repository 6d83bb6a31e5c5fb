import type { AnyAgent } from '@towpath/agents/agent';
import { chargebackAgent } from './chargeback/chargeback.agent.js';
import { opinionAgent } from './grey/opinion.agent.js';

/** Every agent of this service, for the reference and the CLI. */
export const agents: readonly AnyAgent[] = [opinionAgent, chargebackAgent({ read: () => Promise.resolve([]) })];
