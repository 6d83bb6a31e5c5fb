import type { FastifyRequest } from 'fastify';
import { numberOf, type Act, type Acts } from './acts.js';
import {
  CounterpartRefusal,
  headerOf,
  jsonOf,
  objectIn,
  paramOf,
  queryOf,
  textIn,
  type CounterpartRoutes,
} from './counterpart-routes.js';

/** The part of Checkout.com that Towpath uses: payments, their refunds, refunds and payouts without a payment. It keeps keys. */
export function addGateway(routes: CounterpartRoutes, acts: Acts): void {
  routes.act(
    'POST',
    '/payments',
    (request) => {
      const body = jsonOf(request);
      if (!(Number(body['amount']) > 0)) throw new CounterpartRefusal(422, 'amount_required');
      const declined = /declined/i.test(textIn(objectIn(body, 'source'), 'id') ?? '');
      const action = declined ? 'declined' : actionOf(body);
      return { action, subject: textIn(body, 'reference') ?? '', ...marksOf(request, body), body };
    },
    (act) => ({ status: 201, body: paymentOf(act, acts) }),
    refusalBody,
  );
  routes.act(
    'POST',
    '/payments/:id/refunds',
    (request) => {
      const [body, payment] = [jsonOf(request), paramOf(request, 'id')];
      const charge = chargeOf(acts, payment);
      const key = headerOf(request, 'cko-idempotency-key');
      if (!charge) throw new CounterpartRefusal(404, 'payment_not_found');
      const left = Number(charge.body['amount']) - refundedOf(acts, payment);
      const isRepeat = refundsOf(acts, payment).some((act) => act.key === key);
      if (!isRepeat && Number(body['amount']) > left)
        throw new CounterpartRefusal(422, 'refund_amount_exceeds_balance');
      const subject = textIn(body, 'reference') ?? '';
      return { action: 'refund', subject, group: payment, ...marksOf(request, body), body };
    },
    (act) => ({ status: 202, body: { action_id: actionIdOf(act), reference: act.subject } }),
    refusalBody,
  );
  routes.read('/payments', (request) => {
    const all = acts.of('gateway', queryOf(request, 'reference') ?? '').filter(({ group }) => group === undefined);
    const data = all.map((act) => paymentOf(act, acts)).reverse();
    return { limit: 100, skip: 0, total_count: data.length, data };
  });
  routes.read('/payments/:id/actions', (request) =>
    refundsOf(acts, paramOf(request, 'id')).map((act) => ({
      ...{ id: actionIdOf(act), type: 'Refund', approved: true, amount: act.body['amount'], reference: act.subject },
      metadata: act.body['metadata'] ?? {},
    })),
  );
  routes.read('/customers/:id', (request) => {
    const id = paramOf(request, 'id');
    if (/nocard/.test(id)) throw new CounterpartRefusal(404, 'no such customer');
    return { id, default: `src_${id}`, instruments: [{ id: `src_${id}`, type: 'card' }] };
  });
}

/** An incoming payment has a source; what goes out has a destination. */
function actionOf(body: Readonly<Record<string, unknown>>): string {
  if (body['payment_type'] === 'UnreferencedRefund') return 'refund';
  return 'destination' in body ? 'credit' : 'charge';
}

function marksOf(request: FastifyRequest, body: Readonly<Record<string, unknown>>) {
  const key = headerOf(request, 'cko-idempotency-key');
  return { key, idempotencyKey: key, effectId: textIn(objectIn(body, 'metadata'), 'towpath_effect_id') ?? null };
}

/** A payment's id tells its reference, so that its act is found. */
function idOf(act: Act): string {
  return `pay_${numberOf(act)}_${Buffer.from(act.subject).toString('hex')}`;
}

function actionIdOf(act: Act): string {
  return `act_${numberOf(act)}`;
}

function chargeOf(acts: Acts, payment: string): Act | undefined {
  const reference = Buffer.from(payment.split('_')[2] ?? '', 'hex').toString();
  return acts.of('gateway', reference).find((act) => act.action === 'charge' && idOf(act) === payment);
}

function refundsOf(acts: Acts, payment: string): readonly Act[] {
  return acts.of('gateway', payment).filter(({ action }) => action === 'refund');
}

function refundedOf(acts: Acts, payment: string): number {
  return refundsOf(acts, payment).reduce((sum, { body }) => sum + Number(body['amount']), 0);
}

function paymentOf(act: Act, acts: Acts): object {
  const { amount, currency, metadata = {} } = act.body;
  const told = { id: idOf(act), amount, currency, metadata, reference: act.subject };
  if (act.action === 'declined') {
    const why = { response_code: '20051', response_summary: 'Insufficient Funds' };
    return { ...told, approved: false, status: 'Declined', ...why };
  }
  const refunded = refundedOf(acts, idOf(act));
  const after = refunded >= Number(amount) ? 'Refunded' : 'Partially Refunded';
  const taken = refunded > 0 ? after : 'Captured';
  return { ...told, approved: true, status: act.action === 'charge' ? taken : 'Pending', response_code: '10000' };
}

function refusalBody(message: string, code: string | null): object {
  return { request_id: 'sandbox', error_type: 'request_invalid', error_codes: [code ?? message] };
}
