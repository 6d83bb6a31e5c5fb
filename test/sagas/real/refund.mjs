import { setTimeout as delay } from 'node:timers/promises';
import { orderPlacedBody, refundRequestedBody } from '@towpath/testing/shop-bodies';
import { orderFulfilment } from './order-fulfilment.mjs';
import { acted } from './sandbox-log.mjs';

const PAID_MS_MAX = 120_000;
const ORDERS_MAX = 4;
/** which order each refund is of */
const orders = new Map();
/** How the stand-ins are told to refuse a way to pay back, for the calls that hold a refund's id. */
const REFUSALS = {
  'pay-back/pay-back/act': { action: 'refund', failStatus: 400, failCode: 'charge_disputed' },
  'pay-back/alternate-gateway/act': { action: 'gateway/refund', failStatus: 422 },
  'notify/notify/act': { action: 'smtp', failStatus: 550 },
};
const SERVED_BY = { 'set-aside': 'commerce', 'pay-back': 'egress', post: 'commerce', notify: 'egress' };

/** Refunds of orders that were fulfilled before: what each pays back is counted over all of its ways. */
export const refund = {
  definition: 'refund',
  prepare: (stack) => orderFulfilment.prepare(stack),
  /** An order that the blows on others bring to another end is followed by the next. */
  async before(stack, key) {
    for (let n = 0; n < ORDERS_MAX; n += 1) {
      const orderId = `paid${n}-${key}`;
      await stack.deliver('shop', orderPlacedBody({ orderId, sku: 'mug-matrix' }), `order-${orderId}`);
      if ((await endOf(stack, orderId)) !== 'completed') continue;
      orders.set(key, orderId);
      return;
    }
    throw new Error(`none of ${ORDERS_MAX} orders was fulfilled`);
  },
  async begin(stack, key, { conducts }) {
    for (const [what, conduct] of Object.entries(conducts))
      if (conduct === 'refused') await stack.sandbox.behave({ ...REFUSALS[what], match: key, failNext: 1_000 });
    await stack.deliver('shop', refundRequestedBody({ refundId: key, orderId: orders.get(key) }), `refund-${key}`);
  },
  conducts: (what, conduct) => conduct === 'refused' && what in REFUSALS && !what.startsWith('notify'),
  servedBy: (step) => SERVED_BY[step],
  async effectsOf(stack, key) {
    const [{ credits }] = await stack.inspector.query(
      "select count(*)::int as credits from commerce.events where type = 'commerce.v1.CreditIssued' and data ->> 'creditId' = $1",
      [key],
    );
    const paid = acted(stack, ['stripe', 'refund'], key) + acted(stack, ['gateway', 'refund'], key) + credits;
    return [{ step: 'pay-back', done: paid, undone: 0 }];
  },
};

async function endOf(stack, orderId) {
  for (const endAt = performance.now() + PAID_MS_MAX; performance.now() < endAt; await delay(250)) {
    const [ended] = await stack.inspector.query(
      "select data ->> 'outcome' as outcome from saga_orchestrator.events where type = 'sagas.v1.SagaEnded' and data ->> 'key' = $1",
      [orderId],
    );
    if (ended) return ended.outcome;
  }
  return undefined;
}
