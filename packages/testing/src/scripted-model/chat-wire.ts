/** A chat completion as it was asked for; only what the server looks at. */
export interface ChatAsk {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream?: boolean;
  readonly max_completion_tokens?: number;
  readonly response_format?: {
    readonly type: string;
    readonly json_schema?: { readonly name: string; readonly schema: JsonSchema };
  };
  readonly tools?: readonly {
    readonly function: { readonly name: string; readonly description?: string; readonly parameters?: JsonSchema };
  }[];
}

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content?: string | null;
  readonly tool_calls?: readonly { readonly id: string; readonly function: { name: string; arguments: string } }[];
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** What the model says. */
export interface Said {
  readonly text: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  readonly finishReason?: string;
}

/** Everything that the model was given to read, in order. */
export function textOf(ask: ChatAsk): string {
  return ask.messages.map(({ content }) => unwrapped(content ?? '')).join('\n');
}

/** The gateway sends parts as JSON with a `text`; a model reads through the quoting, and so do we. */
export function unwrapped(content: string): string {
  try {
    const part = JSON.parse(content) as { readonly text?: unknown } | null;
    return typeof part?.text === 'string' ? part.text : content;
  } catch {
    return content;
  }
}

/** Counts as real tokenizers about do: four characters a token. */
export function usageOf(ask: ChatAsk, said: Said) {
  const input = Math.ceil(JSON.stringify(ask.messages).length / 4);
  const output = Math.ceil((said.text.length + JSON.stringify(said.toolCalls).length) / 4);
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

/** A whole reply. */
export function completionOf(ask: ChatAsk, said: Said, id: string): object {
  return {
    ...{ id, object: 'chat.completion', created: 1_700_000_000, model: `${ask.model}-2026-01-01` },
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: said.toolCalls.length > 0 ? null : said.text,
          refusal: null,
          ...(said.toolCalls.length > 0 && { tool_calls: said.toolCalls.map(callOf(id)) }),
        },
        finish_reason: finishOf(said),
        logprobs: null,
      },
    ],
    usage: usageOf(ask, said),
  };
}

/** The same reply as server-sent events, a few characters at a time, the usage in the last one. */
export function chunksOf(ask: ChatAsk, said: Said, id: string): string[] {
  const around = { id, object: 'chat.completion.chunk', created: 1_700_000_000, model: `${ask.model}-2026-01-01` };
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...around, choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }], usage: null })}\n\n`;
  const pieces = said.text.match(/[^]{1,12}/g) ?? [];
  return [
    event({ role: 'assistant', content: '' }),
    ...(said.toolCalls.length > 0
      ? said.toolCalls.map((call, index) => event({ tool_calls: [{ index, ...callOf(id)(call, index) }] }))
      : pieces.map((content) => event({ content }))),
    event({}, finishOf(said)),
    `data: ${JSON.stringify({ ...around, choices: [], usage: usageOf(ask, said) })}\n\n`,
    'data: [DONE]\n\n',
  ];
}

function callOf(id: string) {
  return (call: Said['toolCalls'][number], index: number) => ({
    id: `call_${id}_${index}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  });
}

function finishOf({ toolCalls, finishReason }: Said): string {
  return finishReason ?? (toolCalls.length > 0 ? 'tool_calls' : 'stop');
}
