import { commandHash } from '@towpath/agents/policy/action-hash';
import { AgentIdentities } from '@towpath/agents/identity/agent-identities';
import { keyBookOf, newKeyPair, parseSigningKey } from '@towpath/agents/identity/keys';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import type { DecisionState } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import type { Dispatcher } from './dispatcher.js';
import { decideFiring, type FiringQuestion } from './effect-ledger.decider.js';
import { ReserveEffect } from './reserve-effect.handler.js';

const data = {
  paymentId: 'pi_1',
  accountId: 'cus_1',
  chargeId: null,
  amountMinor: 500,
  currency: 'EUR',
  reason: 'late',
};
const AGENT = 'spiffe://towpath.local/agent/support/clerk';

function world() {
  const { privateJwk, publicJwk } = newKeyPair('support', 'k1');
  const signing = parseSigningKey(JSON.stringify(privateJwk));
  const keys = keyBookOf([publicJwk]);
  const options = { trustDomain: 'towpath.local', service: 'support', signingKey: () => signing, keys };
  const hash = commandHash(RefundPayment, data);
  const proof = new AgentIdentities(options).prove('clerk', { hash, scope: 'payments:refund', story: 'story' });
  const offered: unknown[] = [];
  const handler = new ReserveEffect(
    { offer: (effect: unknown) => offered.push(effect) } as unknown as Dispatcher,
    keys,
  );
  const handle = (changes: Partial<Received> = {}) => {
    const command = {
      ...{ id: 'c1', type: RefundPayment.type, data, subject: 'cus_1', source: '/services/support', hops: 1, path: [] },
      ...{ time: new Date(), correlationId: 'story', causationId: 'm', traceparent: null, taint: 'untrusted' as const },
      ...{ agent: AGENT, proof },
      ...changes,
    } as Received;
    return handler.handle(command, { now: new Date() } as DecisionState);
  };
  return { handle, offered };
}

describe('a command of an agent at egress', () => {
  it('is reserved in the agent’s name when its proof holds', () => {
    const { handle, offered } = world();
    expect(handle()).toMatchObject([{ contract: EffectReserved, data: { agent: AGENT } }]);
    expect(offered).toHaveLength(1);
  });

  it('is refused and recorded, and nothing is called, when the proof is missing, of another act or by a stranger', () => {
    const { handle, offered } = world();
    const refusals: readonly [Partial<Received>, string][] = [
      [{ proof: 'x.y.z' }, 'AGENT_PROOF_INVALID'],
      [{ data: { ...data, amountMinor: 501 } }, 'AGENT_PROOF_OTHER_ACT'],
      [{ correlationId: 'other' }, 'AGENT_PROOF_OTHER_STORY'],
      [{ source: '/services/fraud' }, 'AGENT_PROOF_FOREIGN'],
    ];
    for (const [changes, code] of refusals) {
      expect(handle(changes)).toMatchObject([
        { contract: EffectReserved, data: { agent: null } },
        { contract: EffectFailed, data: { code, attempts: 0 } },
      ]);
    }
    expect(offered).toEqual([]);
  });
});

describe('an effect of an agent that somebody stopped', () => {
  const question: FiringQuestion = {
    ...{ effectId: 'e', action: RefundPayment.type, attempt: 1, halted: false, disabled: false, siblings: [] },
    ...{ provider: 'stripe', agentState: 'running' },
    effect: { phase: 'reserved', attempts: 0, firstFiredAt: null, firedAt: null, isRecalled: false },
  };

  it('is not called when the agent was killed, and waits while it is paused', () => {
    expect(decideFiring(question)).toEqual({ kind: 'fire' });
    expect(decideFiring({ ...question, agentState: 'killed' })).toMatchObject({ kind: 'fail', code: 'AGENT_KILLED' });
    expect(decideFiring({ ...question, agentState: 'paused' })).toMatchObject({ kind: 'wait' });
  });
});
