import { OutboundClient, type ProviderPolicy } from '@towpath/outbound/outbound-client';
import { StripeHttpClient } from '@towpath/outbound/stripe-http-client';
import { Stripe } from 'stripe';
import type { Surroundings } from '../../adapter.js';
import type { StripeSettings } from './stripe.adapter.js';

const STRIPE = 'api.stripe.com';
/** Test keys look like this; the sandbox takes any. */
const SANDBOX_KEY = 'sk_test_towpath_sandbox';

/** Stripe's own package over our one way out. */
export interface StripeClient {
  readonly stripe: Stripe;
  readonly outbound: OutboundClient;
}

/** For effects: with the key that may write. */
export function stripeEffects(settings: StripeSettings, around: Surroundings): StripeClient {
  const outbound = new OutboundClient({
    ...policy(settings, 'stripe', settings.STRIPE_CALL_MS_MAX, around),
    dryRun: around.dryRun,
  });
  return { outbound, stripe: stripe(settings, outbound, settings.STRIPE_CALL_MS_MAX) };
}

/** For what only looks: limits of its own, so that slow reads never hold back effects, and the key that can only look, where there is one. */
export function stripeReads(settings: StripeSettings, around: Surroundings): StripeClient {
  const outbound = new OutboundClient(policy(settings, 'stripe-reads', settings.CONTEXT_MS_MAX, around));
  return { outbound, stripe: stripe(readSettings(settings), outbound, settings.CONTEXT_MS_MAX) };
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

function policy(
  settings: StripeSettings,
  provider: string,
  timeoutMs: number,
  { onBreaker }: Surroundings,
): ProviderPolicy {
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
    breaker: { failures: settings.STRIPE_BREAKER_FAILURES, openMs: settings.STRIPE_BREAKER_OPEN_MS },
    onBreaker: (state, cause) => onBreaker(provider, state, cause),
  };
}
