import { hash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { Permanent } from '@towpath/service-kit/permanent';
import type { AnyAgent, Instructions } from './agent.js';

/** The instructions that an agent works by. */
export type InstructionsOf = (agent: Pick<AnyAgent, 'name' | 'instructions' | 'earlierInstructions'>) => Instructions;

/** What each agent declares. */
export const declaredInstructions: InstructionsOf = ({ instructions }) => instructions;

/**
 * Instructions other than the declared ones, from `AGENT=VERSION` or `AGENT=FILE`, separated by commas: an earlier version that the agent
 * declares, or a text whose version then names its bytes. Throws INSTRUCTIONS_INVALID for what says neither; asked for a version that
 * the agent does not have, it throws the same as `Permanent`.
 */
export function instructionsFrom(selection: string): InstructionsOf {
  const chosen = new Map(selection.split(',').map(pairOf));
  const texts = new Map([...chosen].flatMap(([agent, which]) => textIn(agent, which)));
  return (agent) => {
    const { name, instructions, earlierInstructions = [] } = agent;
    const which = chosen.get(name);
    if (which === undefined) return instructions;
    const text = texts.get(name);
    if (text !== undefined) return { version: `file+${hash('sha256', text, 'hex').slice(0, 8)}`, text };
    const known = [instructions, ...earlierInstructions];
    const found = known.find(({ version }) => version === which);
    if (found) return found;
    const versions = known.map(({ version }) => version).join(', ');
    throw new Permanent('INSTRUCTIONS_INVALID', `"${which}" is no file and no version of ${name}; it has ${versions}`);
  };
}

function pairOf(pair: string): [agent: string, which: string] {
  const [, agent = '', which = ''] = /^\s*([a-z][a-z0-9-]*)=(\S.*?)\s*$/.exec(pair) ?? [];
  if (agent !== '') return [agent, which];
  throw new Error(`INSTRUCTIONS_INVALID: "${pair}"; set MODEL_INSTRUCTIONS to AGENT=VERSION or AGENT=FILE`);
}

/** Read once: all runs of a process are told the same. */
function textIn(agent: string, which: string): [agent: string, text: string][] {
  return existsSync(which) ? [[agent, readFileSync(which, 'utf8').trim()]] : [];
}
