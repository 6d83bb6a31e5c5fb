import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type Provider,
} from '@nestjs/common';
import { LOGGER } from '@towpath/service-kit/logger';
import { CONFIG } from '@towpath/service-kit/platform';
import { Service } from '@towpath/service-kit/service';
import { AGENT_KEYS, agentKeys } from './command-keys.js';
import { BreakerLog } from '@towpath/service-kit/breakers/breaker-log';
import { breakers } from '@towpath/service-kit/breakers/breakers.projection';
import { egressConfig } from './config.js';
import { ContextReader } from './context-reader.js';
import { Dispatcher } from './dispatcher.js';
import { effects } from './effect.js';
import { EffectContents } from './effect-contents.js';
import { EffectLedger } from './effect-ledger.js';
import { EffectMetrics } from './effect-metrics.js';
import { AnswerCreditReport } from './fetch-credit-report.handler.js';
import { AnswerPaymentContext } from './fetch-payment-context.handler.js';
import { HaltAccountCaptures } from './halt-captures.handler.js';
import { haltedAccounts, openEffects, subjectEffects } from './ledger.projection.js';
import { CreditBureau } from './adapters/credit-bureau/credit-bureau.js';
import { Providers } from './providers.js';
import { AnswerProbe } from './probe-effect.handler.js';
import { ReserveEffect } from './reserve-effect.handler.js';
import { ResetOwnBreaker } from '@towpath/service-kit/breakers/reset-breaker.handler';
import { ResumeEffect } from './resume-effect.handler.js';
import { SettleUnknownEffect } from './settle-effect.handler.js';
import { unknownEffects } from './unknown-effects.projection.js';
import { STRIPE_READS, waysOut } from './ways-out.js';
import type { StripeClient } from './adapters/stripe/stripe-clients.js';

/** Starts the dispatcher with what earlier processes left, and lets running calls end before the store is closed. */
@Injectable()
class Dispatching implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly dispatching: Dispatcher,
    private readonly reader: ContextReader,
    private readonly providers: Providers,
    private readonly bureau: CreditBureau,
    private readonly breakerLog: BreakerLog,
    @Inject(STRIPE_READS) private readonly reads: StripeClient,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.dispatching.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.dispatching.stop(), this.reader.stop()]);
    await Promise.all([this.providers.close(), this.bureau.close(), this.reads.outbound.close()]);
    await this.breakerLog.stop();
  }
}

const keys: Provider = { provide: AGENT_KEYS, inject: [CONFIG, LOGGER], useFactory: agentKeys };

const own: Provider[] = [keys, EffectMetrics, EffectLedger, EffectContents, Dispatching];

/** The only program that changes anything at a third party, and the only holder of write credentials. */
@Service({
  name: 'egress',
  handlers: [
    ReserveEffect,
    HaltAccountCaptures,
    AnswerPaymentContext,
    AnswerCreditReport,
    ResumeEffect,
    SettleUnknownEffect,
    AnswerProbe,
    ResetOwnBreaker,
  ],
  aggregates: [effects],
  projections: [openEffects, subjectEffects, haltedAccounts, unknownEffects, breakers],
  config: egressConfig,
  providers: [...waysOut, ...own],
})
export class EgressModule {}
