import type { AnyAgent } from '@towpath/agents/agent';
import { supportAgent } from './agent/support-agent.js';
import { loadMacros } from './draft/load-macros.js';

/** Every agent of this service, for the reference and the CLI. */
export const agents: readonly AnyAgent[] = [supportAgent(loadMacros(), { intents: [], confidenceMin: 1 })];
