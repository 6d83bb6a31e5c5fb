import type { Provider } from '@nestjs/common';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { Decisions } from '@towpath/service-kit/decisions';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { CONFIG, EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import { SERVICE_NAME } from '@towpath/service-kit/service';
import type { Surroundings } from './adapter.js';
import { adapters } from './adapters.js';
import { CreditBureau } from './adapters/credit-bureau/credit-bureau.js';
import { CreditCache } from './adapters/credit-bureau/credit-cache.js';
import { readPaymentContext } from './adapters/stripe/payment-context.js';
import { stripeReads, type StripeClient } from './adapters/stripe/stripe-clients.js';
import { BreakerLog } from '@towpath/service-kit/breakers/breaker-log';
import { BreakerResets } from '@towpath/service-kit/breakers/breaker-resets';
import type { EgressConfig } from './config.js';
import { ContextReader } from './context-reader.js';
import { Dispatcher } from './dispatcher.js';
import { EffectContents } from './effect-contents.js';
import { EffectLedger } from './effect-ledger.js';
import { EffectMetrics } from './effect-metrics.js';
import { Providers } from './providers.js';

/** Stripe as what only looks sees it. */
export const STRIPE_READS = Symbol('STRIPE_READS');

function around(config: EgressConfig, log: BreakerLog, provider?: string): Surroundings {
  return {
    dryRun: provider !== undefined && config.EGRESS_DRY_RUN.includes(provider),
    sandboxUrl: config.SANDBOX_URL.replace(/\/$/, ''),
    storyKey: config.STORY_KEY,
    onBreaker: (name, state, cause) => log.tell(name, state, cause),
  };
}

const breakerLog: Provider = {
  provide: BreakerLog,
  inject: [Decisions, LOGGER, SERVICE_NAME],
  useFactory: (decisions: Decisions, logger: Logger, service: string) => new BreakerLog(decisions, logger, service),
};

const providers: Provider = {
  provide: Providers,
  inject: [CONFIG, BreakerLog],
  useFactory: (config: EgressConfig, log: BreakerLog) =>
    Providers.open(adapters, config, (provider) => around(config, log, provider)),
};

const reads: Provider = {
  provide: STRIPE_READS,
  inject: [CONFIG, BreakerLog],
  useFactory: (config: EgressConfig, log: BreakerLog) => stripeReads(config, around(config, log)),
};

const bureau: Provider = {
  provide: CreditBureau,
  inject: [CONFIG, BreakerLog],
  useFactory: (config: EgressConfig, log: BreakerLog) => new CreditBureau(config, around(config, log)),
};

const creditCache: Provider = {
  provide: CreditCache,
  inject: [EVENT_STORE, VAULT, CONFIG],
  useFactory: (store: EventStore, vault: Vault, config: EgressConfig) =>
    new CreditCache(store, vault, config.CREDIT_CACHE_HOURS),
};

const resets: Provider = {
  provide: BreakerResets,
  inject: [Providers, CreditBureau, STRIPE_READS, BreakerLog, EVENT_STORE],
  useFactory: (
    ways: Providers,
    credit: CreditBureau,
    { outbound }: StripeClient,
    log: BreakerLog,
    store: EventStore,
  ) => {
    const reading = { name: 'stripe-reads', reset: () => outbound.resetBreaker() };
    return new BreakerResets(() => [...ways.breakers, credit.breaker, reading], log, store);
  },
};

const dispatcher: Provider = {
  provide: Dispatcher,
  inject: [EffectLedger, EffectMetrics, EffectContents, Providers, BreakerResets, LOGGER],
  useFactory: (
    ledger: EffectLedger,
    metrics: EffectMetrics,
    contents: EffectContents,
    ways: Providers,
    breakerResets: BreakerResets,
    logger: Logger,
  ) =>
    new Dispatcher({
      ...{ ledger, metrics, logger, providers: ways },
      completed: (effect) => contents.completed(effect),
      openEffects: (limit) => contents.open(limit),
      openEffectsOf: (accountId) => contents.openOf(accountId),
      onSweep: () => breakerResets.takeOver(),
    }),
};

const contextReader: Provider = {
  provide: ContextReader,
  inject: [Decisions, STRIPE_READS, CONFIG, VAULT, LOGGER],
  useFactory: (decisions: Decisions, { stripe }: StripeClient, config: EgressConfig, vault: Vault, logger: Logger) =>
    new ContextReader({
      ...{ decisions, logger, concurrency: config.EFFECTS_CONCURRENCY, askedMsMax: 800 },
      read: (paymentId) => readPaymentContext(stripe, paymentId, (value) => vault.lookupHash(value)),
    }),
};

/** Everything that leads to a third party, and what uses it. */
export const waysOut: Provider[] = [
  breakerLog,
  providers,
  reads,
  bureau,
  creditCache,
  resets,
  dispatcher,
  contextReader,
];
