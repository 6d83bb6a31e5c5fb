import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';

/** Settings of ingress beside the kit's. None of them touches verification. */
export const ingressConfig = z.object({
  SOURCES_FILE: z.string().default('.towpath/config/sources.yaml'),
  /** default: tokens.yaml beside the sources */
  TOKENS_FILE: z.string().optional(),
  SECRETS_DIR: z.string().default('.towpath/secrets'),
  TOWPATH_HOME: z.string().default('.towpath'),
  /** deliveries that may wait for Kafka's acknowledgement before new ones get 503 */
  PENDING_MAX: z.coerce.number().int().min(1).default(2_000),
  /** age of triage's lag above which deliveries get 503 */
  LAG_SECONDS_MAX: z.coerce.number().int().min(1).default(60),
  /** shared with egress: what the provider reports of our own effects is known by it, and continues their story */
  STORY_KEY: secret(z.string().min(16)).optional(),
});

export type IngressConfig = z.output<typeof ingressConfig> & {
  readonly KAFKA_BROKERS: string;
  readonly REGISTRY_URL: string;
};
