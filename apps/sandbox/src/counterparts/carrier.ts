import { numberOf, type Act, type Acts } from './acts.js';
import {
  CounterpartRefusal,
  jsonOf,
  markOf,
  objectIn,
  paramOf,
  queryOf,
  textIn,
  type CounterpartRoutes,
} from './counterpart-routes.js';

/**
 * The part of ShipEngine that Towpath uses: labels. Like the real one it keeps no keys and makes a second label for the same
 * shipment when it is asked to, so that a double is a double.
 */
export function addCarrier(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'POST',
    '/v1/labels',
    (request) => {
      const shipment = objectIn(jsonOf(request), 'shipment');
      const subject = textIn(shipment, 'external_shipment_id') ?? '';
      if (textIn(objectIn(shipment, 'ship_to'), 'postal_code') === undefined)
        throw new CounterpartRefusal(400, 'ship_to.postal_code is required');
      return { action: 'ship', subject, key: null, ...markOf(request), body: shipment };
    },
    (act) => ({ body: labelOf(act, acts) }),
    errorBody,
  );
  routes.act(
    'PUT',
    '/v1/labels/:label/void',
    (request) => {
      const label = paramOf(request, 'label');
      const subject = Buffer.from(label.split('-')[2] ?? '', 'hex').toString();
      if (!acts.of('carrier', subject).some((act) => idOf(act) === label))
        throw new CounterpartRefusal(404, 'no label');
      return { action: 'cancel-shipment', subject, key: null, ...markOf(request), body: { label } };
    },
    () => ({ body: { approved: true, message: 'This label has been voided.' } }),
    errorBody,
  );
  routes.read('/v1/labels', (request) => {
    const all = acts.of('carrier', queryOf(request, 'external_shipment_id') ?? '');
    const labels = all.filter(({ action }) => action === 'ship').map((act) => labelOf(act, acts));
    return { labels, total: labels.length, page: 1, pages: 1 };
  });
}

function idOf(act: Act): string {
  return `se-${numberOf(act)}-${Buffer.from(act.subject).toString('hex')}`;
}

function labelOf(act: Act, acts: Acts): object {
  const id = idOf(act);
  const isVoided = acts
    .of('carrier', act.subject)
    .some(({ action, body }) => action === 'cancel-shipment' && body['label'] === id);
  return {
    ...{ label_id: id, external_shipment_id: act.subject, status: isVoided ? 'voided' : 'completed' },
    ...{ tracking_number: String(numberOf(act)), created_at: act.time, voided: isVoided },
  };
}

function errorBody(message: string, code: string | null): object {
  return { request_id: 'sandbox', errors: [{ error_source: 'carrier', error_code: code ?? 'unspecified', message }] };
}
