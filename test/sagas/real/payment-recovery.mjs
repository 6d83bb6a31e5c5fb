import { declinedBody, paidBody } from '@towpath/testing/declines';
import { acted } from './sandbox-log.mjs';

/** Whoever pays may not be who they say: no recovery is begun. */
const REFUSED = 'fraudulent';

/** Declined payments: the customer pays as soon as the saga waits for it. */
export const paymentRecovery = {
  definition: 'payment-recovery',
  /** what the keys of its sagas begin with */
  prefix: 'pi_',
  prepare: () => Promise.resolve(),
  async begin(stack, key, { conducts }) {
    const declineCode = Object.keys(conducts).length > 0 ? REFUSED : 'insufficient_funds';
    const decline = { id: idOf(key), customer: `cus_${key}`, declineCode };
    await stack.deliver('stripe', declinedBody(decline), `decline-${key}`);
  },
  /** The customer of one that was canceled or is late does not. */
  hears(stack, { key, one, timedOut }, { label, moment }) {
    const isOffered = label === 'offer done' && moment === 'decided';
    if (!isOffered || timedOut.size > 0 || one.scenario.canceledDuring !== undefined) return undefined;
    return stack.deliver('stripe', paidBody(idOf(key)), `paid-${key}`);
  },
  conducts: (what, conduct) => what === 'offer/offer/act' && conduct === 'refused',
  servedBy: () => 'commerce',
  /** An offer is its letter. A letter can't be called back: taken back is what would follow from it. */
  async effectsOf(stack, key) {
    const [{ unknown, stopped }] = await stack.inspector.query(EFFECTS, [key, `recovery-${key}-offer`]);
    const letters = acted(stack, ['smtp', 'mail'], `${idOf(key)}@`);
    const done = Math.max(letters, unknown);
    // To stop what never began takes nothing back.
    return [{ step: 'offer', done, undone: Math.min(stopped, 1, done) }];
  },
};

function idOf(key) {
  return key.slice(paymentRecovery.prefix.length);
}

/** A letter whose sender died in the middle may or may not have gone out; it is not sent twice. */
const EFFECTS = `
  select (select count(*)::int from egress.events
          where type = 'egress.v1.EffectOutcomeUnknown' and data ->> 'subjectId' = $2) as unknown,
         (select count(*)::int from commerce.events
          where type = 'payments.v1.RecoveryFlowEnded' and data ->> 'paymentId' = $1 and data ->> 'outcome' = 'stopped') as stopped`;
