import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import type { Taint } from '@towpath/contracts/taint';
import { commandHash } from '../policy/action-hash.js';
import { identitiesOf } from './identities.fixture.js';
import { verifyCommand, type Asked } from './verify-command.js';

const data = {
  paymentId: 'pi_1',
  accountId: 'cus_1',
  chargeId: null,
  amountMinor: 500,
  currency: 'EUR',
  reason: 'late',
};
const AGENT = 'spiffe://towpath.local/agent/support/clerk';

async function asked(changes: Partial<Asked> = {}) {
  const world = identitiesOf('support');
  const hash = commandHash(RefundPayment, data);
  const proof = world.identities.prove('clerk', { hash, scope: 'payments:refund', story: 'story' });
  const command: Asked = {
    data,
    source: '/services/support',
    correlationId: 'story',
    taint: 'untrusted',
    agent: AGENT,
    proof,
  };
  return { ...world, command: { ...command, ...changes } };
}

async function codeOf(changes: Partial<Asked> = {}, later = 0): Promise<string> {
  const { command, keys, pass, clock } = await asked(changes);
  pass(later);
  const authority = verifyCommand(RefundPayment, command, keys, clock.now);
  return authority.ok ? `ok ${authority.agent}` : authority.code;
}

const without = (taint: Taint | undefined) => {
  const command = { data, source: '/services/fraud', correlationId: 'story', ...(taint && { taint }) };
  const authority = verifyCommand(RefundPayment, command, { find: () => undefined }, new Date());
  return authority.ok ? `ok ${authority.agent}` : authority.code;
};

describe('a command that an agent asks for', () => {
  it('is carried out with the proof of its agent', async () => {
    expect(await codeOf()).toBe(`ok ${AGENT}`);
  });

  it('is refused without a proof', async () => {
    const { command, keys, clock } = await asked();
    const { proof: _, ...bare } = command;
    expect(verifyCommand(RefundPayment, bare, keys, clock.now)).toMatchObject({ code: 'AGENT_PROOF_MISSING' });
  });

  it('is refused when anything in it differs from what was proved', async () => {
    for (const changed of [{ amountMinor: 501 }, { paymentId: 'pi_2' }, { accountId: 'cus_2' }, { reason: 'x' }]) {
      expect(await codeOf({ data: { ...data, ...changed } })).toBe('AGENT_PROOF_OTHER_ACT');
    }
  });

  it('is refused in another story, from another service or in another agent’s name', async () => {
    expect(await codeOf({ correlationId: 'other' })).toBe('AGENT_PROOF_OTHER_STORY');
    expect(await codeOf({ source: '/services/fraud' })).toBe('AGENT_PROOF_FOREIGN');
    expect(await codeOf({ agent: 'spiffe://towpath.local/agent/support/other' })).toBe('AGENT_PROOF_FOREIGN');
  });

  it('is refused after some minutes', async () => {
    expect(await codeOf({}, 890)).toBe(`ok ${AGENT}`);
    expect(await codeOf({}, 901)).toBe('AGENT_PROOF_EXPIRED');
  });

  it('is refused when the agent does not hold the scope that the command takes', async () => {
    const { identities, keys, command, clock } = await asked();
    const hash = commandHash(RefundPayment, data);
    const proof = identities.prove('clerk', { hash, scope: 'tickets:reply', story: 'story' });
    expect(verifyCommand(RefundPayment, { ...command, proof }, keys, clock.now)).toMatchObject({
      code: 'AGENT_SCOPE_MISSING',
    });
  });

  it('is refused with a token in place of the proof, and with anything else', async () => {
    const { identities, keys, command, clock } = await asked();
    const token = await identities.token({ name: 'clerk', scopes: ['payments:refund'] });
    for (const proof of [token, '', '..', 'a.b.c', 'x'.repeat(10_000), command.proof!.replace(/\.[^.]*$/, '.')]) {
      const authority = verifyCommand(RefundPayment, { ...command, proof }, keys, clock.now);
      expect(authority).toMatchObject({ ok: false, code: 'AGENT_PROOF_INVALID' });
    }
  });

  it('is refused with a key that is not known', async () => {
    const { command, clock } = await asked();
    const nobody = { find: () => undefined };
    expect(verifyCommand(RefundPayment, command, nobody, clock.now)).toMatchObject({ code: 'AGENT_PROOF_KEY_UNKNOWN' });
  });
});

describe('a command without an agent', () => {
  it('goes as ever when it follows from facts of a provider or a person’s word', () => {
    expect(without('provider')).toBe('ok null');
    expect(without('endorsed')).toBe('ok null');
    expect(without(undefined)).toBe('ok null');
  });

  it('is refused when it follows from text that anybody can write', () => {
    expect(without('untrusted')).toBe('AUTHORITY_MISSING');
  });
});
