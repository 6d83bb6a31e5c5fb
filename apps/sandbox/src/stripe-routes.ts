import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomBytes } from 'node:crypto';
import type { CallRing } from './call-ring.js';
import { chargeBody, paymentIntentBody, refundBody } from './payment.js';
import { accountBody, type ActionCall } from './stripe-actions.js';
import { invoiceBody, subscriptionBody } from './stripe-billing.js';
import { customerBody } from './stripe-charges.js';
import { StripeRefusal } from './stripe-error.js';
import { parseForm, type FormFields } from './stripe-form.js';
import type { StripeSandbox } from './stripe-sandbox.js';

/** The part of Stripe's API that Towpath uses. */
export function addStripeRoutes(app: FastifyInstance, sandbox: StripeSandbox, calls: CallRing): void {
  const stripe = new StripeRoutes(sandbox, calls);
  for (const kind of ['payment_intents', 'charges']) {
    app.post(`/v1/${kind}/:id/capture`, (request, reply) => stripe.act('capture', request, reply));
    app.get(`/v1/${kind}/:id`, (request, reply) => stripe.read(request, reply, (id) => payment(sandbox, id)));
  }
  app.post('/v1/payment_intents/:id/cancel', (request, reply) => stripe.act('cancel', request, reply));
  app.post('/v1/refunds', (request, reply) => stripe.act('refund', request, reply));
  app.get('/v1/refunds', (request, reply) => stripe.read(request, reply, (_, query) => refunds(sandbox, query)));
  addCharges(app, stripe, sandbox);
  addBilling(app, stripe, sandbox);
  app.post('/v1/accounts/:id', (request, reply) => stripe.act('payout-schedule', request, reply));
  app.get('/v1/accounts/:id', (request, reply) =>
    stripe.read(request, reply, (id) => accountBody(id, sandbox.interval(id))),
  );
}

/** Money that is taken from a stored card at once. */
function addCharges(app: FastifyInstance, stripe: StripeRoutes, sandbox: StripeSandbox): void {
  app.post('/v1/payment_intents', (request, reply) => stripe.act('charge', request, reply));
  app.get('/v1/payment_intents', (request, reply) =>
    stripe.read(request, reply, (_, query) =>
      listed(sandbox.paymentsOf(query.get('customer') ?? ''), query, paymentIntentBody),
    ),
  );
  app.get('/v1/customers/:id', (request, reply) => stripe.read(request, reply, customerBody));
}

function addBilling(app: FastifyInstance, stripe: StripeRoutes, sandbox: StripeSandbox): void {
  app.post('/v1/subscriptions/:id', (request, reply) => {
    const pauses = parseForm(String(request.body)).get('pause_collection[behavior]') !== undefined;
    return stripe.act(pauses ? 'pause-subscription' : 'resume-subscription', request, reply);
  });
  app.get('/v1/subscriptions/:id', (request, reply) =>
    stripe.read(request, reply, (id) => subscriptionBody(id, sandbox.state(id))),
  );
  app.post('/v1/invoices/:id/pay', (request, reply) => stripe.act('pay-invoice', request, reply));
  app.get('/v1/invoices/:id', (request, reply) =>
    stripe.read(request, reply, (id) => invoiceBody(id, sandbox.state(id))),
  );
}

class StripeRoutes {
  constructor(
    private readonly sandbox: StripeSandbox,
    private readonly calls: CallRing,
  ) {}

  async act(action: ActionCall['action'], request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const call = this.callOf(action, request);
    const seen = this.seen(request, call.idempotencyKey);
    authorize(request);
    const text = [call.subject, call.idempotencyKey, ...[...call.fields].flat()].join(' ');
    const fate = this.sandbox.behaviours.next([action], text);
    await pause(fate.latencyMs);
    const answer = await this.sandbox.call(call, fate);
    if (answer === undefined) return reply.hijack();
    seen.status = answer.status;
    if (answer.replayed) void reply.header('idempotent-replayed', 'true');
    if (call.idempotencyKey !== null) void reply.header('idempotency-key', call.idempotencyKey);
    return reply.code(answer.status).send(answer.body);
  }

  async read(
    request: FastifyRequest,
    reply: FastifyReply,
    body: (id: string, query: FormFields) => object,
  ): Promise<FastifyReply> {
    const seen = this.seen(request, null);
    authorize(request);
    const fate = this.sandbox.behaviours.next(['read'], request.url);
    await pause(fate.latencyMs);
    if (fate.hang || fate.actThenHang) return reply.hijack();
    if (fate.failStatus !== undefined || fate.actThen500)
      throw new StripeRefusal(fate.failStatus ?? 500, 'api_error', null, fate.failMessage);
    const found = body((request.params as { id?: string }).id ?? '', parseForm(request.url.split('?')[1] ?? ''));
    seen.status = 200;
    return reply.send(found);
  }

  private callOf(action: ActionCall['action'], request: FastifyRequest): ActionCall {
    const fields = parseForm(typeof request.body === 'string' ? request.body : '');
    const { id = action === 'charge' ? newPaymentId() : undefined } = request.params as { id?: string };
    const subject = id ?? fields.get('payment_intent') ?? fields.get('charge');
    if (subject === undefined)
      throw new StripeRefusal(400, 'invalid_request_error', 'parameter_missing', 'payment_intent or charge is needed');
    return { action, subject, fields, idempotencyKey: headerOf(request, 'idempotency-key') };
  }

  private seen(request: FastifyRequest, idempotencyKey: string | null) {
    const path = request.url.split('?')[0] ?? '';
    return this.calls.add({
      time: new Date().toISOString(),
      method: request.method,
      path,
      idempotencyKey,
      traceparent: headerOf(request, 'traceparent'),
      tracestate: headerOf(request, 'tracestate'),
      status: null,
    });
  }
}

function headerOf(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' ? value : null;
}

function payment(sandbox: StripeSandbox, id: string): object {
  const found = sandbox.payment(id);
  return id === found.chargeId ? chargeBody(found) : paymentIntentBody(found);
}

/** Stripe names a payment when it makes it. */
function newPaymentId(): string {
  return `pi_${randomBytes(12).toString('hex')}`;
}

/** One page of a list, newest first, as Stripe's lists go. */
function listed<T extends { readonly id: string }>(all: readonly T[], query: FormFields, body: (one: T) => object) {
  const after = query.get('starting_after');
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const to = from + Math.min(Number(query.get('limit') ?? '10'), 100);
  return { object: 'list', url: '/v1', has_more: all.length > to, data: all.slice(from, to).map(body) };
}

function refunds(sandbox: StripeSandbox, query: FormFields): object {
  const found = sandbox.payment(query.get('payment_intent') ?? query.get('charge') ?? '');
  const data = found.refunds.map((refund) => refundBody(found, refund));
  return { object: 'list', url: '/v1/refunds', has_more: false, data };
}

function authorize(request: FastifyRequest): void {
  if (!/^(Bearer|Basic) ./.test(request.headers.authorization ?? ''))
    throw new StripeRefusal(401, 'invalid_request_error', null, 'You did not provide an API key.');
}

async function pause(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
