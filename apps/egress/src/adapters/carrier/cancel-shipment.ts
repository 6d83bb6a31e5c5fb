import { CancelShipment } from '@towpath/contracts/shipping/CancelShipment.v1';
import { at, textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { CarrierSettings } from './carrier.adapter.js';
import { labelOf } from './labels.js';

/** What calling off nothing is known by. */
const NOTHING = 'nothing-booked';

/** Voids the label of a shipment. */
export const cancelAtCarrier = httpTool<typeof CancelShipment, CarrierSettings>({
  command: CancelShipment,
  subjectType: 'shipment',
  target: ({ shipmentId, customerId }) => ({ subjectId: shipmentId, accountId: customerId }),
  locate: async ({ data }, read) => {
    const label = await labelOf(data.shipmentId, read);
    return label === undefined ? { kind: 'settled', reference: NOTHING } : { kind: 'found', id: label };
  },
  request: ({ effect }, label) => ({
    method: 'PUT',
    path: `/v1/labels/${encodeURIComponent(label)}/void`,
    headers: { 'idempotency-key': effect.idempotencyKey },
    body: {},
  }),
  reference: ({ json }, _, label) => (at(json, 'approved') === true ? label : undefined),
  refusal: ({ json }) =>
    at(json, 'approved') === false
      ? { code: 'VOID_REFUSED', detail: textAt(json, 'message') ?? 'the carrier does not call it off' }
      : undefined,
  probe: async ({ data }, read) => {
    const label = await labelOf(data.shipmentId, read);
    if (label === undefined) return { kind: 'done', reference: NOTHING };
    return { kind: 'not-done', detail: `${label} stands` };
  },
});
