import type { Budgets } from '@towpath/event-store/budgets';
import type { CanonicalRequest } from './canonical-request.js';
import type { ExchangeRecord } from './exchange-record.js';
import type { ModelConfig } from './model-config.js';
import { ModelError } from './model-error.js';
import type { ModelGateway, ModelMode } from './model-gateway.js';
import { NO_OBSERVER, type ModelObserver } from './model-observer.js';
import { priceOf } from './prices.js';
import { ReplayGateway } from './replay-gateway.js';

interface GatewayOptions {
  readonly config: ModelConfig;
  /** closed with the gateway */
  readonly budgets: Budgets;
  /** needed for `replay` */
  readonly record?: ExchangeRecord;
  readonly observer?: ModelObserver;
  readonly screen?: (request: CanonicalRequest) => void;
}

/** MODEL_MODE, or what follows from the other settings: without an address and a key there is no model. */
export function modeOf({ MODEL_MODE, OPENAI_API_KEY, OPENAI_BASE_URL }: ModelConfig): ModelMode {
  return MODEL_MODE ?? (OPENAI_API_KEY !== undefined || OPENAI_BASE_URL !== undefined ? 'live' : 'off');
}

/**
 * Opens the gateway that the settings ask for. Throws, with cause and fix: MODEL_UNCONFIGURED, MODEL_PRICE_UNKNOWN,
 * MODEL_URL_REFUSED, MODEL_RECORD_MISSING.
 */
export async function openModelGateway(options: GatewayOptions): Promise<ModelGateway> {
  const { config, budgets } = options;
  const mode = modeOf(config);
  if (mode === 'live') return openLive(options);
  await budgets.close();
  if (mode === 'off') return new NoModel();
  if (options.record === undefined)
    throw new Error('MODEL_RECORD_MISSING: MODEL_MODE=replay needs a record of exchanges; give one, or set MODEL_MODE');
  return new ReplayGateway(options.record, config);
}

async function openLive({ config, budgets, observer = NO_OBSERVER, screen }: GatewayOptions): Promise<ModelGateway> {
  const { OPENAI_API_KEY, OPENAI_BASE_URL, OPENAI_MODEL } = config;
  if (OPENAI_API_KEY === undefined && OPENAI_BASE_URL === undefined)
    throw new Error(
      'MODEL_UNCONFIGURED: MODEL_MODE=live needs OPENAI_API_KEY or OPENAI_BASE_URL; set one, or MODEL_MODE=off',
    );
  const price = priceOf(OPENAI_MODEL);
  if (price === undefined)
    throw new Error(
      `MODEL_PRICE_UNKNOWN: no price for ${OPENAI_MODEL}, so no budget could bound it; add it to packages/agents/src/model/prices.ts`,
    );
  // The SDK is loaded by those that ask a model, and by nobody else.
  const [{ LiveGateway }, { OpenAiProvider }] = await Promise.all([
    import('./live-gateway.js'),
    import('./openai-provider.js'),
  ]);
  const provider = new OpenAiProvider(config, (state, cause) => observer.breakerChanged('model', state, cause));
  return new LiveGateway({ config, provider, price, budgets, observer, ...(screen && { screen }) });
}

/** There is no model: every agent decides by its analyst. */
class NoModel implements ModelGateway {
  readonly mode = 'off';

  complete(): Promise<never> {
    return Promise.reject(new ModelError('MODEL_UNAVAILABLE', 'no model is configured'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
