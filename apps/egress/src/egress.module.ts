import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { Decisions } from '@towpath/service-kit/decisions';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { CONFIG, EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import { Service } from '@towpath/service-kit/service';
import { egressConfig, type EgressConfig } from './config.js';
import { ContextReader } from './context-reader.js';
import { Dispatcher } from './dispatcher.js';
import { EffectLedger } from './effect-ledger.js';
import { EffectMetrics } from './effect-metrics.js';
import { AnswerPaymentContext } from './fetch-payment-context.handler.js';
import { HaltAccountCaptures } from './halt-captures.handler.js';
import {
  haltedAccounts,
  openEffects,
  readOpenEffects,
  readOpenEffectsOf,
  subjectEffects,
} from './ledger.projection.js';
import { readPaymentContext } from './payment-context.js';
import { ReservePaymentEffect } from './reserve-payment-effect.handler.js';
import { ReservePayoutEffect } from './reserve-payout-effect.handler.js';
import { stripeClients, type StripeClients } from './stripe-clients.js';
import { StripeProvider } from './stripe-provider.js';

const STRIPE_CLIENTS = Symbol('STRIPE_CLIENTS');

const stripe: Provider = {
  provide: STRIPE_CLIENTS,
  inject: [CONFIG],
  useFactory: (config: EgressConfig) => stripeClients(config),
};

const dispatcher: Provider = {
  provide: Dispatcher,
  inject: [EffectLedger, EffectMetrics, STRIPE_CLIENTS, CONFIG, EVENT_STORE, LOGGER],
  useFactory: (
    ledger: EffectLedger,
    metrics: EffectMetrics,
    clients: StripeClients,
    config: EgressConfig,
    store: EventStore,
    logger: Logger,
  ) =>
    new Dispatcher({
      ledger,
      metrics,
      logger,
      provider: new StripeProvider(clients, config.STRIPE_KEY_WINDOW_MS, config.STRIPE_CALL_MS_MAX),
      concurrency: config.EFFECTS_CONCURRENCY,
      retry: {
        attemptsMax: config.EFFECT_ATTEMPTS_MAX,
        giveUpMs: config.EFFECT_GIVE_UP_MS,
        backoffBaseMs: config.EFFECT_BACKOFF_MS,
        backoffMsMax: 10_000,
      },
      openEffects: (limit) => readOpenEffects(store, limit),
      openEffectsOf: (accountId) => readOpenEffectsOf(store, accountId),
    }),
};

const contextReader: Provider = {
  provide: ContextReader,
  inject: [Decisions, STRIPE_CLIENTS, CONFIG, VAULT, LOGGER],
  useFactory: (decisions: Decisions, clients: StripeClients, config: EgressConfig, vault: Vault, logger: Logger) =>
    new ContextReader({
      decisions,
      logger,
      concurrency: config.EFFECTS_CONCURRENCY,
      askedMsMax: 800,
      read: (paymentId) => readPaymentContext(clients.reads, paymentId, (value) => vault.lookupHash(value)),
    }),
};

/** Starts the dispatcher with what earlier processes left, and lets running calls end before the store is closed. */
@Injectable()
class Dispatching implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly dispatching: Dispatcher,
    private readonly reader: ContextReader,
    @Inject(STRIPE_CLIENTS) private readonly clients: StripeClients,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.dispatching.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.dispatching.stop(), this.reader.stop()]);
    await this.clients.close();
  }
}

/** The only program that changes anything at a third party, and the only holder of write credentials. */
@Service({
  name: 'egress',
  handlers: [ReservePaymentEffect, ReservePayoutEffect, HaltAccountCaptures, AnswerPaymentContext],
  projections: [openEffects, subjectEffects, haltedAccounts],
  config: egressConfig,
  providers: [stripe, EffectMetrics, EffectLedger, dispatcher, contextReader, Dispatching],
})
export class EgressModule {}
