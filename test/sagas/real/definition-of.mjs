import { definitions } from '../../../apps/saga-orchestrator/dist/definitions/all.js';

/** The newest version of a definition: new instances begin with it. */
export function definitionOf(name) {
  return definitions.filter((one) => one.name === name).sort((a, b) => b.version - a.version)[0];
}
