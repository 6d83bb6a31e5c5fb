import { z } from 'zod';

/** The marks of service-kit's settings: this value must never be printed. */
const secret = <T extends z.ZodType>(schema: T): T => schema.meta({ secret: true });
const count = (from: number, to: number, usual: number) => z.coerce.number().int().min(from).max(to).default(usual);

/** Key caches forget an erased person within 60 s; an answer that may name somebody is not remembered for longer. */
const CACHE_MS_MAX = 60_000;

/** Settings of every service whose agents may ask a model. Without OPENAI_API_KEY and OPENAI_BASE_URL there is none. */
export const modelConfig = z.object({
  /** live: ask the provider; replay: answer from the record only; off: every agent decides by its analyst */
  MODEL_MODE: z.enum(['live', 'replay', 'off']).optional(),
  OPENAI_API_KEY: secret(z.string().min(1)).optional(),
  /** of any server with OpenAI's chat completions; http only for loopback addresses */
  OPENAI_BASE_URL: z.url().optional(),
  /** must stand in the price file */
  OPENAI_MODEL: z.string().min(1).default('gpt-4.1-mini'),
  /** AGENT=VERSION or AGENT=FILE, separated by commas: instructions other than the agent's own; what a backtest of a prompt sets */
  MODEL_INSTRUCTIONS: z.string().min(1).optional(),
  /** how the answer's schema is asked for; `json_object` for servers that know no JSON Schema: it then stands in the instructions */
  MODEL_RESPONSE_FORMAT: z.enum(['json_schema', 'json_object']).default('json_schema'),
  /** whether answers are streamed: some proxies cut connections that stay silent */
  MODEL_STREAM: z.stringbool().default(false),
  /** time of one exchange, tries and waits included */
  MODEL_TIMEOUT_MS: count(50, 300_000, 20_000),
  MODEL_ATTEMPTS_MAX: count(1, 5, 3),
  MODEL_RETRY_AFTER_MS_MAX: count(0, 60_000, 10_000),
  MODEL_OUTPUT_TOKENS_MAX: count(1, 100_000, 1_024),
  MODEL_REQUEST_BYTES_MAX: count(1_000, 10_000_000, 256_000),
  MODEL_CALLS_PER_SECOND: z.coerce.number().positive().default(20),
  MODEL_CONNECTIONS_MAX: count(1, 200, 16),
  /** failures in a row after which the model is left alone for MODEL_BREAKER_OPEN_MS */
  MODEL_BREAKER_FAILURES: count(1, 5, 5),
  MODEL_BREAKER_OPEN_MS: count(10, 600_000, 15_000),
  MODEL_CACHE_ENTRIES_MAX: count(0, 10_000, 500),
  MODEL_CACHE_MS_MAX: count(0, CACHE_MS_MAX, CACHE_MS_MAX),
  /** what one agent may spend on a day (UTC), in micro-units of US dollars */
  MODEL_AGENT_DAY_MICROS_MAX: count(0, Number.MAX_SAFE_INTEGER, 5_000_000),
  /** what all agents of all services may spend on a day (UTC) */
  MODEL_DAY_MICROS_MAX: count(0, Number.MAX_SAFE_INTEGER, 20_000_000),
});

export type ModelConfig = z.infer<typeof modelConfig>;

/** The names of its settings: what a service's environment has to pass on. */
export const MODEL_SETTINGS: readonly string[] = Object.keys(modelConfig.shape);
