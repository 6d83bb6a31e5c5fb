/** What a model charges, in micro-units of US dollars (1,000,000 = one dollar) for a million tokens. */
export interface ModelPrice {
  readonly input: number;
  /** of input that the provider had cached */
  readonly cachedInput: number;
  readonly output: number;
}

/**
 * Prices by model, from OpenAI's price list (https://openai.com/api/pricing, standard tier). They rule what budgets reserve and
 * settle, so this is the one place to change when a provider changes its list or another model is used. A provider's dated
 * name (`gpt-4.1-mini-2025-04-14`) has the price of its family. A model that runs on a machine of one's own still
 * needs a line; zeros mean that budgets do not bound it.
 */
export const PRICES: Readonly<Record<string, ModelPrice>> = {
  'gpt-4o': { input: 2_500_000, cachedInput: 1_250_000, output: 10_000_000 },
  'gpt-4o-mini': { input: 150_000, cachedInput: 75_000, output: 600_000 },
  'gpt-4.1': { input: 2_000_000, cachedInput: 500_000, output: 8_000_000 },
  'gpt-4.1-mini': { input: 400_000, cachedInput: 100_000, output: 1_600_000 },
  'gpt-4.1-nano': { input: 100_000, cachedInput: 25_000, output: 400_000 },
  'gpt-5': { input: 1_250_000, cachedInput: 125_000, output: 10_000_000 },
  'gpt-5-mini': { input: 250_000, cachedInput: 25_000, output: 2_000_000 },
  'gpt-5-nano': { input: 50_000, cachedInput: 5_000, output: 400_000 },
  'o4-mini': { input: 1_100_000, cachedInput: 275_000, output: 4_400_000 },
};

/** The price of a model by its own name, or its family's when the name only adds a date. Undefined: no budget can bound it. */
export function priceOf(model: string): ModelPrice | undefined {
  return PRICES[model] ?? PRICES[model.replace(/-\d{4}-\d{2}-\d{2}$/, '')];
}

/** What tokens cost, in whole micro-units, rounded up: a budget never pays less than the bill. */
export function costMicros(
  price: ModelPrice,
  tokens: { readonly inputTokens: number; readonly cachedInputTokens: number; readonly outputTokens: number },
): number {
  const cached = Math.min(tokens.cachedInputTokens, tokens.inputTokens);
  const parts =
    BigInt(tokens.inputTokens - cached) * BigInt(price.input) +
    BigInt(cached) * BigInt(price.cachedInput) +
    BigInt(tokens.outputTokens) * BigInt(price.output);
  return Number((parts + 999_999n) / 1_000_000n);
}

/**
 * The most a call can cost. Tokenizers that work on bytes make at most one token of a byte, so the bytes of the request's body
 * bound its input; `TOKENS_AROUND` is for what providers put around messages.
 */
export function worstCaseMicros(price: ModelPrice, bodyBytes: number, outputTokensMax: number): number {
  return costMicros(price, {
    inputTokens: bodyBytes + TOKENS_AROUND,
    cachedInputTokens: 0,
    outputTokens: outputTokensMax,
  });
}

const TOKENS_AROUND = 256;
