import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import type { TokenUsage } from './model-exchange.js';

/** A provider's reply, before anything is believed of it. */
export interface ChatReply {
  readonly model: string;
  readonly text: string;
  readonly refusal: string | null;
  readonly finishReason: string | null;
  readonly toolCalls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  /** null when the provider did not say */
  readonly usage: TokenUsage | null;
}

/** Reads a whole reply. Undefined when it is no chat completion. */
export function readCompletion(completion: ChatCompletion): ChatReply | undefined {
  const choice = (completion as Partial<ChatCompletion> | null | undefined)?.choices?.[0];
  if (choice === undefined || typeof choice.message !== 'object' || choice.message === null) return undefined;
  const { content, refusal, tool_calls: calls } = choice.message;
  return {
    model: textOf(completion.model),
    text: textOf(content),
    refusal: refusal ?? null,
    finishReason: choice.finish_reason ?? null,
    toolCalls: (Array.isArray(calls) ? calls : []).map((call) => ({
      id: textOf(call.id),
      name: call.type === 'custom' ? call.custom.name : textOf(call.function?.name),
      arguments: call.type === 'custom' ? '' : textOf(call.function?.arguments),
    })),
    usage: usageOf(completion.usage),
  };
}

/** Puts a streamed reply together. Undefined when it is none or ends before the model said that it had finished. */
export async function readStream(chunks: AsyncIterable<ChatCompletionChunk>): Promise<ChatReply | undefined> {
  const calls = new ToolCallPieces();
  let [model, text, refusal] = ['', '', ''];
  let finishReason: string | null = null;
  let usage: TokenUsage | null = null;
  for await (const chunk of chunks) {
    model ||= textOf(chunk.model);
    usage = usageOf(chunk.usage) ?? usage;
    const choice = chunk.choices?.[0];
    if (choice === undefined) continue;
    finishReason = choice.finish_reason ?? finishReason;
    const delta: Partial<ChatCompletionChunk.Choice.Delta> = choice.delta ?? {};
    text += textOf(delta.content);
    refusal += textOf(delta.refusal);
    calls.add(delta.tool_calls ?? []);
  }
  if (finishReason === null) return undefined;
  return { model, text, refusal: refusal || null, finishReason, toolCalls: calls.whole, usage };
}

/** Tool calls come in pieces that name their place. */
class ToolCallPieces {
  private readonly calls = new Map<number, { id: string; name: string; arguments: string }>();

  add(pieces: readonly ChatCompletionChunk.Choice.Delta.ToolCall[]): void {
    for (const piece of pieces) {
      const call = this.calls.get(piece.index) ?? { id: '', name: '', arguments: '' };
      call.id ||= textOf(piece.id);
      call.name += textOf(piece.function?.name);
      call.arguments += textOf(piece.function?.arguments);
      this.calls.set(piece.index, call);
    }
  }

  get whole(): ChatReply['toolCalls'] {
    return [...this.calls.values()];
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function usageOf(usage: ChatCompletion['usage'] | null): TokenUsage | null {
  if (usage === undefined || usage === null) return null;
  const [input, output] = [tokens(usage.prompt_tokens), tokens(usage.completion_tokens)];
  if (input === null || output === null) return null;
  const cached = tokens(usage.prompt_tokens_details?.cached_tokens) ?? 0;
  return { inputTokens: input, cachedInputTokens: Math.min(cached, input), outputTokens: output };
}

function tokens(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
