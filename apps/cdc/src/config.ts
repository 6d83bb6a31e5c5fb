import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';

/** Settings of the relay, beside those every service has. */
export const relayConfig = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(18104),
  /** as role `cdc_service` */
  DATABASE_URL: secret(z.string().startsWith('postgres')),
  /** slots are named per cluster, not per database: a second installation in the cluster needs another */
  RELAY_SLOT: z
    .string()
    .regex(/^[a-z0-9_]{1,63}$/, 'lower-case letters, digits and _, at most 63')
    .default('towpath_relay'),
  RELAY_PUBLICATION: z.string().default('towpath'),
  /** records read and not acknowledged, as on the wire; above it the socket is no longer read. Memory: about three times it */
  RELAY_BUFFER_MB_MAX: z.coerce.number().int().min(1).max(1_024).default(1),
  /** as role `towpath_archivist`; without it this process keeps no store */
  ARCHIVIST_DATABASE_URL: secret(z.string().startsWith('postgres')).optional(),
  /** folder of what left the stores; relays on several machines share one */
  ARCHIVE_DIR: z.string().default('/var/lib/towpath/archive'),
  RETENTION_EVERY_MINUTES: z.coerce.number().int().min(1).max(1_440).default(60),
  /** signs checkpoints: 64 hexadecimal characters, made by set-up */
  CHECKPOINT_KEY: secret(
    z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal characters, as `towpath setup` makes them'),
  ),
  /** between two checkpoints while events come */
  CHECKPOINT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60),
});

export type RelayConfig = z.output<typeof relayConfig> & { readonly KAFKA_BROKERS: string };
