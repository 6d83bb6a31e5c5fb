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
  RELAY_BUFFER_MB_MAX: z.coerce.number().int().min(1).max(1_024).default(8),
});

export type RelayConfig = z.output<typeof relayConfig> & { readonly KAFKA_BROKERS: string };
