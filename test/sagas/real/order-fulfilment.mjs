import { orderPlacedBody, stockReceivedBody } from '@towpath/testing/shop-bodies';
import { acted } from './sandbox-log.mjs';

const SKU = 'mug-matrix';
const PIECES = 100_000;
/** What is in nobody's store. */
const UNKNOWN_SKU = 'mug-nowhere';

/** How the stand-ins are told to refuse one side of a step, for the calls that hold an order's id. */
const REFUSALS = {
  'charge/act': { action: 'charge', failStatus: 402, failCode: 'card_declined' },
  'charge/undo': { action: 'refund', failStatus: 400, failCode: 'charge_disputed' },
  'ship/act': { action: 'carrier/ship', failStatus: 422 },
  'ship/undo': { action: 'carrier/cancel-shipment', failStatus: 422 },
};
const SERVED_BY = { charge: 'egress', reserve: 'commerce', ship: 'egress', confirm: 'egress' };
/** What takes each step back, in the sandbox's words. */
const ACTS = [
  { step: 'charge', does: ['stripe', 'charge'], undoes: ['stripe', 'refund'] },
  { step: 'ship', does: ['carrier', 'ship'], undoes: ['carrier', 'cancel-shipment'] },
];

export const orderFulfilment = {
  definition: 'order-fulfilment',
  prepare: (stack) =>
    stack.deliver('shop', stockReceivedBody({ sku: SKU, receiptId: 'rc_matrix', quantity: PIECES }), 'stock-matrix'),
  async begin(stack, key, { conducts }) {
    const refused = sidesOf(conducts);
    for (const side of refused)
      if (REFUSALS[side]) await stack.sandbox.behave({ ...REFUSALS[side], match: key, failNext: 1_000 });
    const sku = refused.includes('reserve/act') ? UNKNOWN_SKU : SKU;
    await stack.deliver('shop', orderPlacedBody({ orderId: key, sku }), `order-${key}`);
  },
  conducts: (what, conduct) =>
    conduct === 'refused' && sidesOf({ [what]: conduct }).every((side) => side === 'reserve/act' || side in REFUSALS),
  servedBy: (step) => SERVED_BY[step],
  effectsOf: (stack, key) =>
    Promise.resolve(
      ACTS.map(({ step, does, undoes }) => ({
        step,
        done: acted(stack, does, key),
        undone: acted(stack, undoes, key),
      })),
    ),
};

/** `charge/charge/undo` as `charge/undo`: the story tells no ways apart. */
function sidesOf(conducts) {
  return Object.entries(conducts)
    .filter(([, conduct]) => conduct === 'refused')
    .map(([what]) => `${what.split('/')[0]}/${what.split('/')[2]}`);
}
