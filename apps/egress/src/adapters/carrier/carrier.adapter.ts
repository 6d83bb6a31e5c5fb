import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { textAt, verdictOf, type Answer } from '../../answer.js';
import { httpAdapter } from '../../http-adapter.js';
import type { CallResult } from '../../provider.js';
import { providerLimits } from '../../provider-limits.js';
import { bookAtCarrier } from './book-shipment.js';
import { cancelAtCarrier } from './cancel-shipment.js';

// ShipEngine takes 200 requests a minute; a label may take its carrier half a minute.
const limits = providerLimits('CARRIER', {
  ...{ sandboxPath: '/carrier', sandboxCallsPerSecond: 500, callsPerSecond: 3, lateMs: 30_000 },
});

const settings = z.object({
  /** https://api.shipengine.com, or another carrier's that speaks the same */
  ...limits.shape,
  CARRIER_TOKEN: secret(z.string().min(8)).optional(),
  /** where parcels are fetched */
  CARRIER_WAREHOUSE: z.string().min(1).default('se-sandbox'),
  /** the service of a shipment that names none */
  CARRIER_SERVICE: z.string().min(1).default('standard'),
});

export type CarrierSettings = z.output<typeof settings>;

/** Shipments, by ShipEngine's API. It keeps no keys: a label is found by the name that we gave its shipment. */
export const carrier = httpAdapter({
  provider: 'carrier',
  settings,
  tools: [bookAtCarrier, cancelAtCarrier],
  limits: limits.of,
  headers: ({ CARRIER_TOKEN }, live) => ({ 'api-key': live ? (CARRIER_TOKEN ?? '') : 'sandbox' }),
  verdict: inItsWords,
});

/** The carrier's own words stand in the first of its errors (ShipEngine, Error Handling). */
function inItsWords(answer: Answer): CallResult | undefined {
  const verdict = verdictOf(answer);
  const detail = textAt(answer.json, 'errors', 0, 'message');
  if (verdict === undefined || !('detail' in verdict) || detail === undefined) return verdict;
  const isCarriers = textAt(answer.json, 'errors', 0, 'error_source') === 'carrier';
  return { ...verdict, detail, ...(isCarriers && verdict.kind === 'refused' && { code: 'CARRIER_FAILED' }) };
}
