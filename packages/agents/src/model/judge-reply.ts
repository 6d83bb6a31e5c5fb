import type { ChatReply } from './chat-reply.js';
import type { ModelToolCall } from './model-exchange.js';
import type { ModelRequest } from './model-gateway.js';

/** What a reply is worth, checked against what was asked. `detail` names places in the schema and never holds content. */
export type Judged<T> =
  | { readonly kind: 'answer'; readonly value: T }
  | { readonly kind: 'tools'; readonly toolCalls: readonly ModelToolCall[] }
  | { readonly kind: 'off-schema'; readonly detail: string };

type Asked<T> = Pick<ModelRequest<T>, 'schema' | 'tools'>;

/** More than that at once is no plan. */
const TOOL_CALLS_MAX = 16;

/** Checks a reply: complete, not refused, and either an answer that fits the schema or calls of offered tools whose arguments fit. */
export function judgeReply<T>(asked: Asked<T>, reply: ChatReply): Judged<T> {
  if (reply.refusal !== null) return offSchema('the model refused to answer');
  if (reply.finishReason === 'length') return offSchema('the answer was cut off at the limit of output tokens');
  if (reply.finishReason === 'content_filter') return offSchema("the provider's filter withheld the answer");
  if (reply.toolCalls.length > 0) return judgeToolCalls(asked, reply.toolCalls);
  const json = parsed(reply.text);
  if (json === undefined) return offSchema('the answer is not JSON');
  const result = asked.schema.safeParse(json);
  return result.success
    ? { kind: 'answer', value: result.data }
    : offSchema(`the answer does not fit: ${places(result.error.issues)}`);
}

function judgeToolCalls<T>({ tools = [] }: Asked<T>, calls: ChatReply['toolCalls']): Judged<T> {
  if (calls.length > TOOL_CALLS_MAX)
    return offSchema(`the model asked for ${calls.length} tool calls at once, more than ${TOOL_CALLS_MAX}`);
  const toolCalls: ModelToolCall[] = [];
  for (const call of calls) {
    const tool = tools.find(({ name }) => name === call.name);
    if (tool === undefined) return offSchema('the model asked for a tool that was not offered');
    const result = tool.parameters.safeParse(parsed(call.arguments));
    if (!result.success) return offSchema(`the arguments for ${tool.name} do not fit: ${places(result.error.issues)}`);
    toolCalls.push({ id: call.id, name: call.name, arguments: result.data as Readonly<Record<string, unknown>> });
  }
  return { kind: 'tools', toolCalls };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Where and how it does not fit. Zod's messages may quote what they saw; its codes do not. */
function places(issues: readonly { readonly path: readonly PropertyKey[]; readonly code?: string }[]): string {
  const shown = issues
    .slice(0, 3)
    .map(({ path, code }) => `${path.map(placeOf).join('.') || 'answer'} (${code ?? 'invalid'})`);
  return shown.join(', ') + (issues.length > shown.length ? ` and ${issues.length - shown.length} more` : '');
}

/** Members that the schema does not name may be content. */
function placeOf(part: PropertyKey): string {
  return typeof part === 'number' || /^[A-Za-z]\w{0,63}$/.test(String(part)) ? String(part) : '?';
}

function offSchema(detail: string): Judged<never> {
  return { kind: 'off-schema', detail };
}
