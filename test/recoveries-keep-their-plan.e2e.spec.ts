import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import pg from 'pg';
import { declinedBody, paidBody, payUrlOf, unpaidInvoiceBody } from '@towpath/testing/declines';
import { Deliveries } from '@towpath/testing/deliveries';
import { effectsOf, lettersTo } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

/** A timer that was moved is found within five seconds; after it comes a call. */
const STEP_MS_MAX = 30_000;

jest.setTimeout(180_000);

const id = `plan${randomBytes(4).toString('hex')}`;
const customer = `cus_${id}`;
let platform: TestPlatform;
let deliveries: Deliveries;
let sandbox: Sandbox;
let database: pg.Client;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  sandbox = new Sandbox(platform);
  database = new pg.Client({ connectionString: platform.around.stack.ADMIN_DATABASE_URL });
  await database.connect();
}, ATTACH_MS_MAX);

afterAll(async () => {
  await sandbox?.behave();
  await database?.end();
  await platform?.release();
});

interface Told {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const told = (): Promise<Told[]> =>
  platform.inspector.query<Told>(
    `select split_part(type, '.', 3) as name, data from commerce.events where data ->> 'paymentId' = $1 order by position`,
    [`pi_${id}`],
  );

const hasTold = (name: string, step?: string) => (all: readonly Told[]) =>
  all.some((one) => one.name === name && (step === undefined || one.data['step'] === step));

/** Lets the next timer of this step be due now, as time would. */
async function letBeDue(step: string): Promise<void> {
  const { rowCount } = await database.query(
    `update commerce.timers set due_at = clock_timestamp() where id = (
       select id from commerce.timers
       where type = 'payments.v1.RecoveryStepDue' and data ->> 'paymentId' = $1 and data ->> 'step' = $2
         and data ->> 'plan' = $3 order by due_at limit 1)`,
    [`pi_${id}`, step, String(await planInForce())],
  );
  expect([step, rowCount]).toEqual([step, 1]);
}

async function planInForce(): Promise<number> {
  return Math.max(...(await told()).map(({ data }) => Number(data['plan'] ?? 1)));
}

describe('the recovery of an invoice of a subscription', () => {
  it('tries it again, reminds, pauses, and lets it go on when the customer pays', async () => {
    await sandbox.behave({
      ...{ action: 'pay-invoice', match: `in_${id}`, failNext: 9, failStatus: 402, failCode: 'insufficient_funds' },
    });
    await deliveries.sendStripe(declinedBody({ id, customer, declineCode: 'insufficient_funds' }));
    await untilEnough(told, hasTold('RecoveryFlowInitiated'), STEP_MS_MAX);
    await deliveries.sendStripe(unpaidInvoiceBody({ id, customer }));
    await untilEnough(told, hasTold('RecoveryPlanChanged'), STEP_MS_MAX);

    await letBeDue('retry');
    const refused = await untilEnough(failedTries, (count) => count > 0, STEP_MS_MAX);
    await letBeDue('remind');
    const letters = await untilEnough(
      () => lettersTo(platform.home, id),
      ({ length }) => length > 1,
      STEP_MS_MAX,
    );
    await letBeDue('pause');
    const paused = await untilEnough(
      () => effectsOf(platform.home, `sub_${id}`),
      ({ length }) => length > 0,
      STEP_MS_MAX,
    );
    await deliveries.sendStripe(paidBody(id));
    const resumed = await untilEnough(
      () => effectsOf(platform.home, `sub_${id}`),
      ({ length }) => length > 1,
      STEP_MS_MAX,
    );

    expect(refused).toBe(1);
    expect(letters.map(({ body }) => body.subject)).toEqual([
      'Your payment of $49.99 did not go through',
      'Reminder: $49.99 is still open',
    ]);
    expect(letters[1]!.body.text).toContain(payUrlOf(id));
    expect(paused.map(({ action }) => action)).toEqual(['pause-subscription']);
    expect(resumed.map(({ action }) => action)).toEqual(['pause-subscription', 'resume-subscription']);
    const all = await told();
    expect(all.at(-1)).toMatchObject({
      ...{ name: 'RecoveryFlowEnded', data: { outcome: 'recovered', retries: 1, reminders: 1, paused: false } },
    });
  });

  it('keeps the address of its reminders readable nowhere', async () => {
    const { rows } = await database.query<{ data: unknown }>(
      `select data from commerce.timers where data ->> 'paymentId' = $1`,
      [`pi_${id}`],
    );

    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify([rows, await told()])).not.toMatch(/@example\.com|invoice\.example/);
  });
});

/** Tries of the invoice that the provider refused, from egress's ledger. */
async function failedTries(): Promise<number> {
  const [row] = await platform.inspector.query<{ n: number }>(
    `select count(*)::int as n from egress.events
     where type = 'egress.v1.EffectFailed' and data ->> 'subjectId' = $1 and data ->> 'code' = 'insufficient_funds'`,
    [`in_${id}`],
  );
  return row!.n;
}
