import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { chargeSucceeded } from '@towpath/testing/charges';
import { runCli } from '@towpath/testing/cli-run';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 40_000;
const CLI_MS_MAX = 60_000;

jest.setTimeout(180_000);

const run = `why${randomBytes(4).toString('hex')}`;
const GOOD = {
  ...{ score: 780, delinquencies24m: 0, utilisationPercent: 12, inquiries6m: 1, bankruptcies: 0 },
  ...{ monthsOfHistory: 96, monthlyDebtMinor: 20_000 },
};
const POOR = { ...GOOD, score: 420, delinquencies24m: 4, utilisationPercent: 90, monthsOfHistory: 10 };

let platform: TestPlatform;
let deliveries: Deliveries;
let sandbox: Sandbox;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  sandbox = new Sandbox(platform);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

interface Part {
  readonly role: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly checks: readonly { readonly field: string; readonly state: string }[] | string;
  readonly streams?: readonly { readonly stream: string; readonly mismatches: readonly unknown[] }[];
}

async function explained(id: string, ...words: string[]) {
  const asked = ['explain', id, '--json', ...words];
  const { code, stdout, stderr } = await runCli(asked, {
    ...{ home: platform.home, ports: platform.around.ports, msMax: CLI_MS_MAX },
  });
  expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
  const parts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Part);
  const ends = parts.at(-1)!;
  expect(ends.streams!.flatMap(({ mismatches }) => mismatches)).toEqual([]);
  return parts.slice(0, -1);
}

const statesOf = ({ checks }: Part) =>
  Object.fromEntries((checks as { field: string; state: string }[]).map(({ field, state }) => [field, state]));

describe('somebody who applied for a loan', () => {
  const applied = async (name: string, report: object): Promise<{ applicationId: string; email: string }> => {
    const [applicationId, reference] = [`${run}-${name}`, `${run}-ref-${name}`];
    const email = `${run}.${name}@example.com`;
    const url = `http://127.0.0.1:${platform.around.ports.sandbox}/sandbox/bureau/${reference}`;
    const headers = { 'content-type': 'application/json' };
    expect((await fetch(url, { method: 'PUT', headers, body: JSON.stringify(report) })).ok).toBe(true);
    const applicant = { reference, name: 'Ada Example', email, dateOfBirth: '1988-04-12' };
    const asked = { amountMinor: 600_000, currency: 'EUR', termMonths: 36, purpose: 'car' };
    const means = { monthlyIncomeMinor: 420_000, monthlyDebtMinor: 20_000, employmentMonths: 50 };
    const data = { applicationId, applicant, ...asked, ...means };
    const body = { type: 'loan_application.submitted', timestamp: new Date().toISOString(), data };
    expect(await deliveries.sendTo('loans', JSON.stringify(body), `msg_${applicationId}`)).toBe(202);
    return { applicationId, email };
  };

  const mailsTo = (email: string) =>
    untilEnough(
      async () => (await sandbox.acts('smtp')).filter(({ subject }) => subject === email),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );

  it('is told the outcome by mail, and what is behind a refusal is shown with every hash checked', async () => {
    const { applicationId, email } = await applied('poor', POOR);
    const [mail] = await mailsTo(email);
    expect(mail!.body['subject']).toContain(applicationId);
    expect(mail!.body['text']).toContain('can not offer you this loan');

    const parts = await explained(applicationId);
    const [decision, basis] = parts;
    expect(decision).toMatchObject({ role: 'decision', type: 'lending.v1.LoanDeclined' });
    const { reasons, ruleVersions } = decision!.data as { reasons: { text: string }[]; ruleVersions: unknown[] };
    expect(ruleVersions.length).toBeGreaterThan(0);
    for (const { text } of reasons) expect(String(mail!.body['text'])).toContain(text);
    expect(basis).toMatchObject({ role: 'basis', type: 'lending.v1.CreditAnalyzed' });
    expect(statesOf(basis!)).toMatchObject({ inputs: 'sealed', prompt: 'sealed', rawOutput: 'sealed' });
    expect(parts.some(({ role }) => role === 'cause')).toBe(true);
    expect(JSON.stringify(parts)).not.toContain(email);

    const revealed = await explained(applicationId, '--reveal', '--reason', 'the applicant asked');
    expect(statesOf(revealed[1]!)).toMatchObject({ inputs: 'matches', prompt: 'matches', rawOutput: 'matches' });
    expect(JSON.parse(String(revealed[1]!.data['inputs']))).toMatchObject({ monthlyIncomeMinor: 420_000 });
  });

  it('who is approved reads the offer and its conditions, once', async () => {
    const { applicationId, email } = await applied('good', GOOD);
    const mails = await mailsTo(email);
    expect(mails).toHaveLength(1);
    expect(mails[0]!.body['text']).toContain('6000.00 EUR over 36 months');
    const [decision] = await explained(applicationId);
    expect(decision).toMatchObject({ type: 'lending.v1.LoanApproved', data: { applicationId } });
  });
});

describe('a payment', () => {
  it('is explained by the signals that were weighed and the rules that weighed them', async () => {
    const { body, paymentId } = chargeSucceeded({ id: run, customer: `cus_${run}`, risk: 'highest' });
    await deliveries.sendLikeStripe(body);
    await untilEnough(
      () => decisionsOf(platform.inspector, paymentId),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    const parts = await explained(paymentId);
    expect(parts[0]).toMatchObject({ role: 'decision', type: 'fraud.v1.PaymentHeldForReview', data: { paymentId } });
    const { score, signals, rulesVersion } = parts[0]!.data as {
      score: number;
      signals: { name: string; points: number }[];
      rulesVersion: string;
    };
    expect(rulesVersion).not.toBe('');
    expect(signals.reduce((sum, { points }) => sum + points, 0)).toBeCloseTo(score, 6);
    expect(parts.filter(({ role }) => role === 'cause').map(({ type }) => type)).toEqual(
      expect.arrayContaining(['payments.v1.ChargeSucceeded']),
    );
  });
});
