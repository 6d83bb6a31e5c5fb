import { OffSchema, ToolFailed, type Exchange } from '../agent-errors.js';
import { jsonOf } from '../canonical-hash.js';
import type { ModelAnswer, ModelAsk, Said, ToolTurn, ToolWish } from '../model-gateway.js';
import type { Run } from '../run.js';
import type { AnyTool } from '../tool.js';

/** A question to a model that may use tools before it answers. */
export interface Conversation<T> extends Omit<ModelAsk<T>, 'tools' | 'turns'> {
  readonly tools: readonly AnyTool[];
}

/**
 * Lets a model use tools until it answers. Each exchange is a step of the run and each use goes through `run.tool`: identity,
 * policy gate and journal, as if the policy had asked for it. It ends by the run's limits of turns and tool calls, or as soon as the
 * model asks for the very use that it has the result of: `OffSchema('MODEL_TOOL_LOOP')`, so that the agent's analyst decides. A tool
 * that fails tells the model its code and goes on; a refused one ends the conversation, as it ends any policy.
 */
export async function converse<T>(run: Run, { tools, ...ask }: Conversation<T>): Promise<ModelAnswer<T>> {
  const turns: ToolTurn[] = [];
  const used = new Set<string>();
  for (;;) {
    run.turn();
    const asked = { ...ask, tools, turns: [...turns] };
    const { value, exchange } = (await run.model(asked)) as unknown as ModelAnswer<Said<T>>;
    if ('answer' in value) return { value: value.answer, exchange };
    for (const wish of value.wishes) {
      const use = `${wish.tool} ${jsonOf(wish.args)}`;
      if (used.has(use)) throw loop(wish, exchange);
      used.add(use);
      turns.push({ ...wish, result: await resultOf(run, tools, wish) });
    }
  }
}

async function resultOf(run: Run, tools: readonly AnyTool[], { tool: name, args }: ToolWish): Promise<string> {
  // The gateway lets no tool through that was not offered.
  const tool = tools.find((one) => one.name === name)!;
  try {
    return jsonOf(await run.tool(tool, args));
  } catch (error) {
    if (error instanceof ToolFailed) return jsonOf({ error: error.code });
    throw error;
  }
}

function loop({ tool }: ToolWish, exchange: Exchange): OffSchema {
  return new OffSchema('MODEL_TOOL_LOOP', `the model asked for the same use of ${tool} twice`, exchange);
}
