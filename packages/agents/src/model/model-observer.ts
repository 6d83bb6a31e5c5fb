import type { ModelExchange } from './model-exchange.js';

/** Hears of exchanges, for metrics and logs. It must not pass on `request` and `rawText`. */
export interface ModelObserver {
  /** ended, well or not */
  exchanged(exchange: ModelExchange): void;
  /** what a call cost could not be written down: it counts at its worst case when its lease ends */
  settlementFailed(agent: string, error: unknown): void;
  /** a breaker, `model` or `model/<agent>`, let calls through no more or again */
  breakerChanged(name: string, state: 'open' | 'closed', cause: string): void;
}

/** For tools and specs that measure nothing. */
export const NO_OBSERVER: ModelObserver = {
  exchanged: () => undefined,
  settlementFailed: () => undefined,
  breakerChanged: () => undefined,
};
