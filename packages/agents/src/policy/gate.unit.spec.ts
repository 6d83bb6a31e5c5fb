import { isWithin, TAINTS } from '@towpath/contracts/taint';
import fc from 'fast-check';
import type { Scope } from '../identity/scope.js';
import { actionHash } from './action-hash.js';
import { judge, type Question, type ToolPolicy } from './gate.js';

const scopes: readonly Scope[] = ['payments:refund', 'tickets:reply', 'customers:read', 'accounts:freeze'];

const refund: ToolPolicy = {
  scope: 'payments:refund',
  accepts: 'provider',
  limits: [
    { kind: 'amount', field: 'amountMinor', autoMax: 5_000, max: 50_000 },
    { kind: 'own', field: 'paymentId', subject: 'paymentId' },
    { kind: 'one-of', field: 'currency', values: ['EUR', 'USD'] },
  ],
};
const reply: ToolPolicy = {
  scope: 'tickets:reply',
  accepts: 'untrusted',
  limits: [
    { kind: 'own', field: 'ticketId', subject: 'ticketId' },
    { kind: 'text', field: 'body', charsMax: 200, linkHosts: ['help.example.com'] },
  ],
};
const tools: Readonly<Record<string, ToolPolicy>> = { refund, reply };

const subject = { paymentId: 'pi_own', ticketId: 'zendesk:a:1' };
const question = (changes: Partial<Question> = {}): Question => ({
  agent: { name: 'clerk', scopes, tools: ['refund', 'reply'] },
  tool: { name: 'refund', policy: refund },
  arguments: { paymentId: 'pi_own', amountMinor: 1_000, currency: 'EUR' },
  taint: 'provider',
  subject,
  ...changes,
});
const codeOf = (asked: Question) => {
  const verdict = judge(asked);
  return verdict.kind === 'allow' ? 'allow' : `${verdict.kind} ${verdict.code}`;
};

/** The limits once more, in other words. */
function fitsRefund({ paymentId, amountMinor: amount, currency }: Readonly<Record<string, unknown>>): boolean {
  const isAmount = typeof amount === 'number' && Number.isSafeInteger(amount) && amount > 0 && amount <= 5_000;
  return paymentId === 'pi_own' && isAmount && (currency === 'EUR' || currency === 'USD');
}

function fitsReply({ ticketId, body }: Readonly<Record<string, unknown>>): boolean {
  return ticketId === 'zendesk:a:1' && body === 'Thank you.';
}

describe('the policy gate', () => {
  it('allows only what agent, tool, label and arguments together declare', () => {
    const seen = new Set<string>();
    const asked = fc.record({
      declared: fc.subarray(['refund', 'reply']),
      held: fc.subarray([...scopes]),
      name: fc.constantFrom('refund', 'reply', 'approve', 'constructor'),
      taint: fc.option(fc.constantFrom(...TAINTS), { nil: undefined }),
      paymentId: fc.constantFrom<unknown>('pi_own', 'pi_other', '', null, undefined),
      ticketId: fc.constantFrom<unknown>('zendesk:a:1', 'zendesk:a:2', {}),
      amountMinor: fc.oneof(
        fc.integer({ min: -10, max: 60_000 }),
        fc.constantFrom<unknown>(Number.NaN, '1', 1.5, null),
      ),
      currency: fc.constantFrom<unknown>('EUR', 'USD', 'eur', 'XXX'),
      body: fc.constantFrom<unknown>('Thank you.', 'see https://evil.example/x', 'x'.repeat(201), 7),
    });
    fc.assert(
      fc.property(asked, ({ declared, held, name, taint, ticketId, body, ...money }) => {
        const policy = Object.hasOwn(tools, name) ? tools[name] : undefined;
        const verdict = judge(
          question({
            agent: { name: 'clerk', scopes: held, tools: declared },
            tool: policy && { name, policy },
            arguments: name === 'reply' ? { ticketId, body } : money,
            taint,
          }),
        );
        const fits = name === 'refund' ? fitsRefund(money) : fitsReply({ ticketId, body });
        const expected =
          policy !== undefined &&
          declared.some((tool) => tool === name) &&
          held.includes(policy.scope!) &&
          isWithin(taint, policy.accepts) &&
          fits;
        seen.add(`${name} ${verdict.kind}`);
        expect(verdict.kind === 'allow').toBe(expected);
      }),
      { numRuns: 20_000 },
    );
    expect([...seen].sort()).toEqual([
      'approve refuse',
      'constructor refuse',
      'refund allow',
      'refund approve',
      'refund refuse',
      'reply allow',
      'reply refuse',
    ]);
  });

  it('refuses by a stable code', () => {
    const none = { name: 'clerk', scopes: [], tools: ['refund'] };
    expect(codeOf(question({ tool: undefined }))).toBe('refuse TOOL_UNKNOWN');
    expect(codeOf(question({ agent: { ...none, tools: [] } }))).toBe('refuse TOOL_NOT_DECLARED');
    expect(codeOf(question({ agent: none }))).toBe('refuse SCOPE_MISSING');
    expect(codeOf(question({ taint: 'untrusted' }))).toBe('refuse TAINT_REFUSED');
    expect(codeOf(question({ taint: undefined }))).toBe('refuse TAINT_REFUSED');
    expect(codeOf(question({ arguments: null }))).toBe('refuse ARGUMENTS_INVALID');
    const given = { paymentId: 'pi_own', amountMinor: 1_000, currency: 'EUR' };
    expect(codeOf(question({ arguments: { ...given, paymentId: 'pi_2' } }))).toBe('refuse SUBJECT_NOT_OWN');
    expect(codeOf(question({ arguments: { ...given, amountMinor: 50_001 } }))).toBe('refuse AMOUNT_ABOVE_LIMIT');
    expect(codeOf(question({ arguments: { ...given, amountMinor: -1 } }))).toBe('refuse AMOUNT_INVALID');
    expect(codeOf(question({ arguments: { ...given, currency: 'GBP' } }))).toBe('refuse VALUE_NOT_ALLOWED');
    expect(codeOf(question({ arguments: { ...given, note: 'sk_live_0123456789ab' } }))).toBe(
      'refuse SECRET_IN_ARGUMENTS',
    );
  });

  it('asks a person above an amount, and takes an approval of that very act alone', () => {
    const given = { paymentId: 'pi_own', amountMinor: 9_000, currency: 'EUR' };
    const evidence = { 'payment-pi_own': 3 };
    const asked = question({ arguments: given, evidence });
    expect(codeOf(asked)).toBe('approve AMOUNT_NEEDS_APPROVAL');
    const approved = actionHash({ action: 'refund', arguments: given, evidence });
    expect(judge(asked)).toMatchObject({ actionHash: approved });
    expect(codeOf({ ...asked, approved })).toBe('allow');
    expect(codeOf({ ...asked, approved, arguments: { ...given, amountMinor: 9_001 } })).toBe('approve APPROVAL_STALE');
    expect(codeOf({ ...asked, approved, evidence: { 'payment-pi_own': 4 } })).toBe('approve APPROVAL_STALE');
  });

  it('refuses what is beyond a limit whatever was approved', () => {
    const given = { paymentId: 'pi_other', amountMinor: 9_000, currency: 'EUR' };
    const approved = actionHash({ action: 'refund', arguments: given, evidence: {} });
    expect(codeOf(question({ arguments: given, approved }))).toBe('refuse SUBJECT_NOT_OWN');
  });

  it('asks a person where a tool says so instead of refusing less trusted text', () => {
    const policy: ToolPolicy = { ...refund, beyond: 'approve' };
    expect(codeOf(question({ taint: 'untrusted', tool: { name: 'refund', policy } }))).toBe(
      'approve TAINT_NEEDS_APPROVAL',
    );
  });

  it('never becomes more lenient when the label becomes more restrictive', () => {
    const rank = { allow: 0, approve: 1, refuse: 2 };
    for (const policy of [refund, reply, { ...refund, beyond: 'approve' as const }]) {
      const kinds = TAINTS.map((taint) => rank[judge(question({ taint, tool: { name: 'refund', policy } })).kind]);
      expect(kinds).toEqual([...kinds].sort());
    }
  });
});
