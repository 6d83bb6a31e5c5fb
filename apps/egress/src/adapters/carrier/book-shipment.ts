import { BookShipment } from '@towpath/contracts/shipping/BookShipment.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { CarrierSettings } from './carrier.adapter.js';
import { labelOf } from './labels.js';

/** A label, and with it the carrier's order. A shipment that has one gets no second. */
export const bookAtCarrier = httpTool<typeof BookShipment, CarrierSettings>({
  command: BookShipment,
  subjectType: 'shipment',
  target: ({ shipmentId, customerId }) => ({ subjectId: shipmentId, accountId: customerId }),
  locate: async ({ data }, read) => {
    const label = await labelOf(data.shipmentId, read);
    return label === undefined ? { kind: 'absent' } : { kind: 'settled', reference: label };
  },
  request: ({ data, settings, effect }) => ({
    method: 'POST',
    path: '/v1/labels',
    headers: { 'idempotency-key': effect.idempotencyKey },
    body: {
      shipment: {
        service_code: data.service ?? settings.CARRIER_SERVICE,
        external_shipment_id: data.shipmentId,
        warehouse_id: settings.CARRIER_WAREHOUSE,
        ship_to: {
          name: data.name,
          address_line1: data.street,
          city_locality: data.city,
          state_province: data.region ?? undefined,
          postal_code: data.postalCode,
          country_code: data.country,
        },
        items: data.lines.map(({ sku, quantity }) => ({ sku, quantity })),
      },
    },
  }),
  reference: ({ json }) => textAt(json, 'label_id'),
  probe: async ({ data }, read) => {
    const label = await labelOf(data.shipmentId, read);
    if (label !== undefined) return { kind: 'done', reference: label };
    return { kind: 'not-done', detail: `no label for ${data.shipmentId}` };
  },
});
