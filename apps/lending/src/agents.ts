import type { AnyAgent } from '@towpath/agents/agent';
import { creditAnalyst } from './credit-analyst.agent.js';

/** Every agent of this service, for the reference and the CLI. */
export const agents: readonly AnyAgent[] = [creditAnalyst];
