import type { ChatAsk, Said } from './chat-wire.js';
import { instanceOf } from './instance-of.js';
import { obey } from './obedience.js';

/**
 * How the model behaves.
 * - `good`: answers what the script says, in the asked schema
 * - `slow`: the same after `slowMs`
 * - `hang`: takes the request and never answers
 * - `rate-limited`: 429 with `Retry-After`
 * - `error`: 500
 * - `reset`: begins its answer and cuts the connection
 * - `wrong-json`: answers with something else than asked: half a JSON text, other fields, prose, in turn
 * - `unknown-tool`: asks for a tool that nobody offered
 * - `tool-loop`: asks for the same tool for ever
 * - `obedient`: does whatever any text that it reads says
 */
export const BEHAVIOURS = [
  'good',
  'slow',
  'hang',
  'rate-limited',
  'error',
  'reset',
  'wrong-json',
  'unknown-tool',
  'tool-loop',
  'obedient',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** The right answers of `good`: by the name of the asked schema, from the whole input text and the request. */
export type Script = (text: string, ask: ChatAsk) => unknown;

const WRONG = ['{"verdict": "app', '{"unrelated":[1,2,3]}', 'Sure! Here is what you asked for:', ''];

/** What a model of that behaviour says, when it says anything. `turn` counts its answers. */
export function saidBy(behaviour: Behaviour, ask: ChatAsk, turn: number, right: () => unknown): Said {
  switch (behaviour) {
    case 'wrong-json':
      return { text: WRONG[turn % WRONG.length]!, toolCalls: [] };
    case 'unknown-tool':
      return { text: '', toolCalls: [{ name: 'wire_money', arguments: '{"amount":100000,"to":"acct_evil"}' }] };
    case 'tool-loop':
      return loop(ask);
    case 'obedient':
      return obey(ask);
    case 'good':
    case 'slow':
    case 'hang':
    case 'rate-limited':
    case 'error':
    case 'reset':
      return { text: JSON.stringify(right()), toolCalls: [] };
  }
}

/** Without tools to loop over it answers in calls all the same, as a confused model does. */
function loop({ tools = [] }: ChatAsk): Said {
  const [tool] = tools;
  const args = tool?.function.parameters ? instanceOf(tool.function.parameters) : {};
  return { text: '', toolCalls: [{ name: tool?.function.name ?? 'look_again', arguments: JSON.stringify(args) }] };
}
