import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { RefundUpdated } from '@towpath/contracts/payments/RefundUpdated.v1';
import { TAINTS } from '@towpath/contracts/taint';
import fc from 'fast-check';
import type { Act } from '../agents/act-authority.js';
import { raise, type Emission, type Received } from '../message.js';
import { decideGroup } from './decide-group.js';
import type { GroupState } from './group-state.js';
import type { BoundHandler, Item } from './item.js';
import { noteAgent, noteTaint, noting } from './work-notes.js';

const data = { paymentId: 'pi_1', accountId: 'cus_1', chargeId: null, amountMinor: 5, currency: 'EUR', reason: 'late' };
const command: Emission<typeof RefundPayment> = { contract: RefundPayment, data };
const label = fc.option(fc.constantFrom(...TAINTS), { nil: undefined });
const clerk = { name: 'clerk', identity: { scopes: ['payments:refund'] } };

function decided(emission: Emission, cause: Partial<Received> = {}, item: Partial<Item> = {}) {
  const asked: Act[] = [];
  const handler = {
    ...{ name: 'Spec', contract: RefundUpdated, emits: [RefundPayment], decrypts: false, strict: false },
    retry: { retries: 0, baseMs: 1, factor: 1, capMs: 1 },
    instance: { handle: () => [emission] },
  } as unknown as BoundHandler;
  const message = { id: 'm', subject: 's', correlationId: 'c', hops: 0, path: [], traceparent: null, ...cause };
  const state = { apply: () => undefined } as unknown as GroupState;
  const around = {
    service: 'fraud',
    now: new Date(),
    held: new Map(),
    random: () => 0,
    acts: { authorise: (act: Act) => (asked.push(act), { agent: 'spiffe://t/agent/fraud/clerk', proof: 'signed' }) },
  };
  const outcome = decideGroup([{ message, handler, orderKey: 's', attempts: 0, ...item } as Item], state, around);
  return { metadata: outcome.decided[0]!.events[0]!.metadata, asked };
}

describe('the label of what a handler emits', () => {
  it('is its cause’s, or a more restrictive one that the handler gives, and never a more trusted one', () => {
    fc.assert(
      fc.property(label, label, (cause, raised) => {
        const emission = raised === undefined ? command : raise(command, raised);
        const { taint } = decided(emission, cause === undefined ? {} : { taint: cause }).metadata;
        const rank = (one: string | undefined) => (one === undefined ? TAINTS.length : TAINTS.indexOf(one as never));
        if (cause !== undefined) expect(rank(taint)).toBe(Math.max(rank(cause), rank(raised ?? cause)));
        else expect(taint).toBe(raised === undefined ? undefined : 'untrusted');
      }),
    );
  });

  it('takes over what the work has read', async () => {
    const { notes } = await noting(async () => noteTaint('untrusted'));
    expect(decided(command, { taint: 'provider' }, { work: { result: 1, notes } }).metadata.taint).toBe('untrusted');
  });
});

describe('a command after an agent’s work', () => {
  it('is judged and signed, whether its handler says so or not', async () => {
    const { notes } = await noting(async () => noteAgent(clerk));
    const { metadata, asked } = decided(command, { taint: 'untrusted' }, { work: { result: 1, notes } });
    expect(asked).toMatchObject([{ agent: clerk, taint: 'untrusted', cause: { id: 'm' } }]);
    expect(metadata).toMatchObject({ agent: 'spiffe://t/agent/fraud/clerk', proof: 'signed' });
  });

  it('is judged, too, when a later handler sends it in the agent’s name', () => {
    const { metadata, asked } = decided({ ...command, by: clerk }, { taint: 'untrusted' });
    expect(asked).toHaveLength(1);
    expect(metadata.proof).toBe('signed');
  });

  it('of a handler without an agent goes as ever', () => {
    const { metadata, asked } = decided(command, { taint: 'provider' });
    expect(asked).toEqual([]);
    expect(metadata).not.toHaveProperty('proof');
  });
});
