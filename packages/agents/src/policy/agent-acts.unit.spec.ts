import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import type { Taint } from '@towpath/contracts/taint';
import type { AgentState } from '@towpath/service-kit/agents/agent-state';
import { asActOf, emit, type Received } from '@towpath/service-kit/message';
import { identitiesOf } from '../identity/identities.fixture.js';
import { verifyCommand } from '../identity/verify-command.js';
import type { ToolPolicy } from './gate.js';
import { AgentActs } from './agent-acts.js';

const policy: ToolPolicy = {
  scope: 'payments:refund',
  accepts: 'untrusted',
  limits: [
    { kind: 'own', field: 'paymentId', subject: 'subject' },
    { kind: 'amount', field: 'amountMinor', autoMax: 1_000, max: 5_000 },
  ],
};
const clerk = {
  name: 'clerk',
  identity: { scopes: ['payments:refund'] },
  acts: [{ command: RefundPayment, policy }],
};
const data = {
  paymentId: 'pi_1',
  accountId: 'cus_1',
  chargeId: null,
  amountMinor: 500,
  currency: 'EUR',
  reason: 'late',
};
const cause = { id: 'm1', subject: 'pi_1', correlationId: 'story' } as Received;

function world(state: AgentState = 'running') {
  const { identities, keys, clock } = identitiesOf('support');
  const acts = new AgentActs({ identities, switches: { knownStateOf: () => state } });
  const ask = (changes: Partial<typeof data> = {}, taint: Taint = 'untrusted') => {
    const emission = asActOf(clerk, emit(RefundPayment, { ...data, ...changes }));
    return acts.authorise({ agent: clerk, emission, taint, cause });
  };
  return { acts, ask, keys, clock };
}

describe('a command in an agent’s name', () => {
  it('leaves with a proof that egress takes', () => {
    const { ask, keys, clock } = world();
    const command = {
      data,
      source: '/services/support',
      correlationId: 'story',
      taint: 'untrusted' as const,
      ...ask(),
    };
    expect(verifyCommand(RefundPayment, command, keys, clock.now)).toEqual({
      ok: true,
      agent: 'spiffe://towpath.local/agent/support/clerk',
    });
  });

  it('does not leave when it is beyond what the agent declares', () => {
    const { ask, acts } = world();
    expect(() => ask({ paymentId: 'pi_2' })).toThrow(expect.objectContaining({ code: 'SUBJECT_NOT_OWN' }));
    expect(() => ask({ amountMinor: 1_001 })).toThrow(expect.objectContaining({ code: 'AMOUNT_NEEDS_APPROVAL' }));
    expect(() => ask({ amountMinor: 5_001 })).toThrow(expect.objectContaining({ code: 'AMOUNT_ABOVE_LIMIT' }));
    expect(() => ask({ reason: 'ghp_0123456789abcdefghijABCDEFGHIJ012345' })).toThrow(
      expect.objectContaining({ code: 'SECRET_IN_ARGUMENTS' }),
    );
    const other = emit(CancelPayment, { ...data, reason: 'x' });
    expect(() => acts.authorise({ agent: clerk, emission: other, taint: 'own', cause })).toThrow(
      expect.objectContaining({ code: 'ACT_NOT_DECLARED' }),
    );
  });

  it('does not leave once the agent was killed', () => {
    expect(() => world('killed').ask()).toThrow(expect.objectContaining({ code: 'AGENT_KILLED' }));
  });
});
