import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { LOCAL_OPERATOR, sourceFilesOf } from '@towpath/cli/local/local-sources';
import { addOperator, revokeOperator } from '@towpath/sources/edit-operators';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf, effectsOf, outcomesOf, type SeenDecision } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;
/** After everything has come, this long nothing more may come. */
const SETTLE_MS = 2_000;

jest.setTimeout(120_000);

const run = `people${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let deliveries: Deliveries;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

async function decisions(prefix: string, count: number): Promise<SeenDecision[]> {
  return untilEnough(
    () => decisionsOf(platform.inspector, prefix),
    ({ length }) => length >= count,
    SEEN_MS_MAX,
    50,
  );
}

async function factsOf(type: string, field: string, value: string): Promise<Record<string, unknown>[]> {
  const rows = await platform.inspector.query<{ data: Record<string, unknown> }>(
    'select data from fraud.events where type = $1 and data ->> $2 = $3 order by position',
    [type, field, value],
  );
  return rows.map(({ data }) => data);
}

async function atLeastOne(type: string, field: string, value: string): Promise<Record<string, unknown>[]> {
  return untilEnough(
    () => factsOf(type, field, value),
    ({ length }) => length > 0,
    SEEN_MS_MAX,
  );
}

async function effects(prefix: string): Promise<string[]> {
  await untilEnough(
    () => effectsOf(platform.home, prefix),
    ({ length }) => length > 0,
    SEEN_MS_MAX,
  );
  await delay(SETTLE_MS);
  return effectsOf(platform.home, prefix).map(({ action }) => action);
}

function reviewOf(paymentId: string) {
  return { reviewId: `payment-review_${paymentId}`, service: 'fraud', subjectType: 'payment', subjectId: paymentId };
}

async function heldPayment(id: string): Promise<string> {
  await deliveries.sendLikeStripe(chargeSucceeded({ id, customer: `cus_${id}`, risk: 'highest' }).body);
  expect((await decisions(`pi_${id}`, 1)).map(({ kind }) => kind)).toEqual(['held']);
  return `pi_${id}`;
}

describe('a frozen account', () => {
  it('is unfrozen by a person with a reason, and pays again', async () => {
    const accountId = `cus_${run}_frozen`;
    const pay = (name: string, chargedAt: Date): Promise<number> =>
      deliveries.sendLikeStripe(chargeSucceeded({ id: `${run}_${name}`, customer: accountId, chargedAt }).body);
    for (let n = 0; n < 8; n += 1) {
      await pay(`burst${n}`, new Date());
      await decisions(`pi_${run}_burst`, n + 1);
    }
    const [frozen] = await atLeastOne('fraud.v1.AccountFrozen', 'accountId', accountId);
    const nextDay = new Date(Date.now() + 86_400_000);
    await pay('while-frozen', nextDay);
    expect((await decisions(`pi_${run}_while-frozen`, 1))[0]).toMatchObject({
      kind: 'blocked',
      decidedBy: 'account-frozen',
    });

    const command = { accountId, reason: 'the customer called' };
    expect(await deliveries.sendCommand('UnfreezeAccount', command, `msg_${run}_unfreeze`)).toBe(202);

    const unfrozen = await atLeastOne('fraud.v1.AccountUnfrozen', 'accountId', accountId);
    expect(unfrozen).toMatchObject([{ accountId, actor: LOCAL_OPERATOR, reason: 'the customer called' }]);
    const closed = await atLeastOne('platform.v1.ReviewClosed', 'reviewId', String(frozen!['reviewId']));
    expect(closed).toMatchObject([{ outcome: 'unfrozen', actor: LOCAL_OPERATOR }]);
    await pay('afterwards', nextDay);
    expect((await decisions(`pi_${run}_afterwards`, 1))[0]).toMatchObject({ kind: 'approved', decidedBy: 'analyst' });
    expect(await effects(`pi_${run}_afterwards`)).toEqual(['capture']);
  });
});

describe('a held payment', () => {
  it('is captured once when a person approves it, however often the command comes', async () => {
    const paymentId = await heldPayment(`${run}_approve`);
    const command = { ...reviewOf(paymentId), decision: 'approve', reason: 'known buyer' };

    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await deliveries.sendCommand('DecideReview', command, `msg_${run}_approve`)).toBe(202);
    }

    expect(await effects(paymentId)).toEqual(['capture']);
    expect(await factsOf('fraud.v1.ReviewResolved', 'paymentId', paymentId)).toMatchObject([
      { outcome: 'approved', actor: LOCAL_OPERATOR, reason: 'known buyer' },
    ]);
  });

  it('is given back once when a person rejects it', async () => {
    const paymentId = await heldPayment(`${run}_reject`);
    const command = { ...reviewOf(paymentId), decision: 'reject', reason: 'stolen card' };

    expect(await deliveries.sendCommand('DecideReview', command, `msg_${run}_reject`)).toBe(202);

    expect(await effects(paymentId)).toEqual(['cancel']);
  });

  it('stays held when a person whose role may not decide asks, which is recorded as ROLE_NOT_ALLOWED', async () => {
    const paymentId = await heldPayment(`${run}_viewer`);
    const files = sourceFilesOf(platform.home);
    const { privateKey } = addOperator(files, run, 'viewer');
    const command = { ...reviewOf(paymentId), decision: 'approve', reason: 'I say so', role: 'admin' };
    try {
      // Ingress takes up a new person within moments.
      const status = await untilEnough(
        () => deliveries.sendCommand('DecideReview', command, `msg_${run}_viewer`, privateKey),
        (answer) => answer === 202,
        SEEN_MS_MAX,
        500,
      );
      expect(status).toBe(202);
    } finally {
      revokeOperator(files, run);
    }

    const outcome = await untilEnough(
      () => outcomesOf(platform.inspector, `msg_${run}_viewer`),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    expect(outcome).toMatchObject([{ kind: 'refused', code: 'ROLE_NOT_ALLOWED' }]);
    await delay(SETTLE_MS);
    expect(await factsOf('fraud.v1.ReviewResolved', 'paymentId', paymentId)).toEqual([]);
    expect(effectsOf(platform.home, paymentId)).toEqual([]);
  });
});
