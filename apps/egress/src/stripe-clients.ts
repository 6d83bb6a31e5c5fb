import { OutboundClient, type ProviderPolicy } from '@towpath/outbound/outbound-client';
import { StripeHttpClient } from '@towpath/outbound/stripe-http-client';
import { Stripe } from 'stripe';
import type { EgressConfig } from './config.js';

const STRIPE = 'api.stripe.com';
/** Test keys look like this; the sandbox takes any. */
const SANDBOX_KEY = 'sk_test_towpath_sandbox';

/** Stripe's own package over our one way out. Reads have limits of their own, so that slow ones never hold back effects. */
export interface StripeClients {
  readonly effects: Stripe;
  readonly reads: Stripe;
  /** false while Stripe is known to be down */
  accepts(): boolean;
  close(): Promise<void>;
}

export type StripeSettings = Pick<
  EgressConfig,
  | 'STRIPE_API_KEY'
  | 'STRIPE_READ_KEY'
  | 'STRIPE_HOST'
  | 'STRIPE_CALLS_PER_SECOND'
  | 'STRIPE_CALL_MS_MAX'
  | 'CONTEXT_MS_MAX'
  | 'EFFECTS_CONCURRENCY'
>;

export function stripeClients(settings: StripeSettings): StripeClients {
  const effects = new OutboundClient(policy(settings, 'stripe', settings.STRIPE_CALL_MS_MAX));
  const reads = new OutboundClient(policy(settings, 'stripe-reads', settings.CONTEXT_MS_MAX));
  return {
    effects: stripe(settings, effects, settings.STRIPE_CALL_MS_MAX),
    // Least privilege: what only looks holds a key that can only look, where there is one.
    reads: stripe(readSettings(settings), reads, settings.CONTEXT_MS_MAX),
    accepts: () => effects.breakerState !== 'open',
    close: async () => {
      await Promise.all([effects.close(), reads.close()]);
    },
  };
}

function stripe(settings: StripeSettings, outbound: OutboundClient, timeout: number): Stripe {
  const common = { httpClient: new StripeHttpClient(outbound), maxNetworkRetries: 0, telemetry: false, timeout };
  if (settings.STRIPE_API_KEY !== undefined) return new Stripe(settings.STRIPE_API_KEY, common);
  const { protocol, hostname, port } = new URL(settings.STRIPE_HOST);
  const scheme = protocol === 'https:' ? 'https' : 'http';
  return new Stripe(SANDBOX_KEY, {
    ...common,
    host: hostname,
    port: port || (scheme === 'https' ? 443 : 80),
    protocol: scheme,
  });
}

function readSettings(settings: StripeSettings): StripeSettings {
  const { STRIPE_API_KEY, STRIPE_READ_KEY } = settings;
  return STRIPE_API_KEY && STRIPE_READ_KEY ? { ...settings, STRIPE_API_KEY: STRIPE_READ_KEY } : settings;
}

function policy(settings: StripeSettings, provider: string, timeoutMs: number): ProviderPolicy {
  const live = settings.STRIPE_API_KEY !== undefined;
  // Stripe allows 100 writes and 100 reads a second in live mode; the sandbox has no limit of its own.
  const perSecond = settings.STRIPE_CALLS_PER_SECOND ?? (live ? 80 : 5_000);
  return {
    provider,
    hosts: live ? [STRIPE] : [],
    loopbackOrigins: live ? [] : [new URL(settings.STRIPE_HOST).origin],
    timeoutMs,
    connectionsMax: settings.EFFECTS_CONCURRENCY,
    responseBytesMax: 1_048_576,
    rateLimit: { perSecond, burst: Math.ceil(perSecond / 4), queueMax: 1_000 },
    breaker: { failures: 10, openMs: 2_000 },
  };
}
