import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { ServiceProcess } from '@towpath/cli/local/service-process';
import { repository } from '@towpath/cli/local/platform';
import { serviceOf } from '@towpath/contracts/topics';
import { addressOf, customerSignedUpBody } from '@towpath/testing/customer-bodies';
import { Deliveries } from '@towpath/testing/deliveries';
import { kill } from '@towpath/testing/kills';
import { lettersTo } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox, type SeenAct } from '@towpath/testing/sandbox';
import { unusedPorts } from '@towpath/testing/shared-ports';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;
const DEADLINE_MS = 6_000;
const SLOW_MAIL_MS = 5_000;
/** What the median of a few may differ by on a machine that does other things, too; a mail that is waited for takes far longer. */
const NOISE_MS = 1_500;
/** Calls that egress has at a mail server at a time, by default. */
const MAILS_AT_ONCE = 4;
const CRM = 'growth.update-crm';

jest.setTimeout(120_000);

const run = `sign${randomBytes(4).toString('hex')}`;
/** ids of all who signed up */
const everybody: string[] = [];
let platform: TestPlatform;
let deliveries: Deliveries;
let sandbox: Sandbox;
/** The one group that puts customers into the CRM, in a process of its own. */
let crm: ServiceProcess;

beforeAll(async () => {
  platform = await attachPlatform();
  deliveries = new Deliveries(platform);
  sandbox = new Sandbox(platform);
  const growth = platform.service('growth');
  const place = { name: 'growth-crm', port: (await unusedPorts()).growth };
  crm = new ServiceProcess(growth.service, platform.around, repository, place);
  const others = serviceOf('growth').consumers.filter(({ name }) => name !== CRM);
  await growth.stop();
  const CONSUMERS = others.map(({ name }) => name).join(',');
  await Promise.all([
    growth.start({ CONSUMERS, GROWTH_ONBOARDING_MS_MAX: String(DEADLINE_MS) }),
    crm.start({ CONSUMERS: CRM }),
  ]);
}, ATTACH_MS_MAX + 60_000);

afterAll(async () => {
  await sandbox?.behave();
  await crm?.stop();
  await platform?.service('growth').stop();
  await platform?.service('growth').start();
  await platform?.release();
}, 60_000);

/** Somebody signs up; their address follows from the id that is answered. */
async function signUp(name: string, delivery = name): Promise<string> {
  const id = `${run}.${name}`;
  const body = JSON.stringify(customerSignedUpBody(id));
  expect(await deliveries.sendTo('customers', body, `${run}.${delivery}`)).toBe(202);
  if (!everybody.includes(id)) everybody.push(id);
  return id;
}

const several = (name: string, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, (_, place) => signUp(`${name}${place}`)));

async function workspaceOf(id: string): Promise<SeenAct | undefined> {
  const acts = await sandbox.acts('accounts');
  return acts.find(({ body }) => (body['owner'] as { email: string }).email === addressOf(id));
}

/** Workspaces of all of them, once they are there. */
async function workspacesOf(ids: readonly string[]): Promise<SeenAct[]> {
  const look = async () => (await Promise.all(ids.map(workspaceOf))).filter((one) => one !== undefined);
  return untilEnough(look, ({ length }) => length === ids.length, SEEN_MS_MAX, 100);
}

const contactsOf = async (id: string): Promise<SeenAct[]> =>
  (await sandbox.acts('crm')).filter(({ subject }) => subject === addressOf(id));

const subjectsTo = (id: string): string[] =>
  lettersTo(platform.home, addressOf(id)).map(({ body }) => body.subject ?? '');

/** What growth says of the onboardings of these customers. */
async function toldOf(type: string, workspaces: readonly SeenAct[]): Promise<Record<string, unknown>[]> {
  const customers = workspaces.map(({ subject }) => subject);
  const look = () =>
    platform.inspector.query<{ data: Record<string, unknown> }>(
      `select data from growth.events where type = $1 and data ->> 'customerId' = any($2) order by position`,
      [`growth.v1.${type}`, customers],
    );
  const rows = await untilEnough(look, ({ length }) => length >= customers.length, SEEN_MS_MAX);
  return rows.map(({ data }) => data);
}

/** Egress has called the mail server for as many of these customers as it does at once, and waits for its answers. */
async function untilMailsAreOut(workspaces: readonly SeenAct[]): Promise<void> {
  const look = () =>
    platform.inspector.query(
      `select id from egress.events where type = 'egress.v1.EffectFired' and data ->> 'subjectId' = any($1)`,
      [workspaces.map(({ subject }) => `welcome_${subject}`)],
    );
  expect(await untilEnough(look, ({ length }) => length >= MAILS_AT_ONCE, SEEN_MS_MAX, 50)).toHaveLength(MAILS_AT_ONCE);
}

const completed = (workspaces: readonly SeenAct[]) => toldOf('OnboardingCompleted', workspaces);

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)]!;
}

describe('a sign-up', () => {
  it('told three times is one workspace, one contact, one alert, one welcome and one mail that all is ready', async () => {
    const id = await signUp('one');
    await signUp('one');
    await signUp('one', 'one-again');
    const workspaces = await workspacesOf([id]);
    expect(await completed(workspaces)).toMatchObject([{ steps: ['provisioning', 'crm'], late: false }]);
    await untilEnough(
      () => subjectsTo(id),
      ({ length }) => length >= 2,
      SEEN_MS_MAX,
    );

    const customerId = workspaces[0]!.subject;
    const alerts = async () =>
      (await sandbox.acts('slack')).filter(({ body }) => String(body['text']).includes(customerId));
    expect(await untilEnough(alerts, ({ length }) => length > 0, SEEN_MS_MAX)).toMatchObject([{ subject: '#sales' }]);
    expect(await contactsOf(id)).toMatchObject([{ body: { lifecyclestage: 'customer' } }]);
  });

  it(`has its workspace as soon while the mail server takes ${SLOW_MAIL_MS / 1_000} s for every mail as when it takes none`, async () => {
    const waits = async (name: string): Promise<number[]> => {
      const sentAt = Date.now();
      const workspaces = await workspacesOf(await several(name, 5));
      return workspaces.map(({ time }) => Date.parse(time) - sentAt);
    };
    const quick = await waits('quick');
    await sandbox.behave({ action: 'smtp', match: `${run}.slow`, latencyMs: SLOW_MAIL_MS });
    const busy = await several('slow', MAILS_AT_ONCE);
    await untilMailsAreOut(await workspacesOf(busy));
    const slow = await waits('slower');
    const lettersMeanwhile = everybody.filter((id) => id.includes('.slow')).flatMap(subjectsTo);
    console.log(`sign-up to workspace, median: ${median(quick)} ms; beside mails of 5 s: ${median(slow)} ms`);

    expect(lettersMeanwhile).toEqual([]);
    expect(slow).toHaveLength(5);
    expect(median(slow) - median(quick)).toBeLessThan(NOISE_MS);
    await sandbox.behave();
    const ids = everybody.filter((id) => id.includes('.slow'));
    expect(await completed(await workspacesOf(ids))).toHaveLength(ids.length);
  });

  it('whose CRM reaction is killed is served by all others, stalls at its deadline for want of the CRM alone, and completes once it is back', async () => {
    const inTheMiddle = await several('midst', 3);
    await kill(crm);
    const meanwhile = await several('down', 3);
    const ids = [...inTheMiddle, ...meanwhile];
    const workspaces = await workspacesOf(ids);
    expect(workspaces).toHaveLength(ids.length);
    for (const id of ids) {
      expect(
        await untilEnough(
          () => subjectsTo(id),
          ({ length }) => length > 0,
          SEEN_MS_MAX,
        ),
      ).toContain('Welcome!');
    }
    const without = workspaces.slice(inTheMiddle.length);
    const stalled = await toldOf('OnboardingStalled', without);
    expect(stalled.map(({ missing }) => missing)).toEqual(without.map(() => [{ step: 'crm', code: null }]));
    for (const { startedAt, stalledAt } of stalled) {
      expect(Number(stalledAt) - Number(startedAt)).toBeGreaterThanOrEqual(DEADLINE_MS);
    }
    expect((await Promise.all(meanwhile.map(contactsOf))).flat()).toEqual([]);

    await crm.start({ CONSUMERS: CRM });
    const ended = await completed(workspaces);
    expect(ended).toHaveLength(ids.length);
    expect(ended.filter(({ late }) => late)).not.toHaveLength(0);
    for (const id of ids) expect(await contactsOf(id)).toHaveLength(1);
  });

  it('that the CRM refuses stalls with the code it was refused for, and people hear of it', async () => {
    await sandbox.behave({ action: 'crm', match: `${run}.refused`, failNext: 50, failStatus: 400 });
    const workspaces = await workspacesOf([await signUp('refused')]);
    const stalled = await toldOf('OnboardingStalled', workspaces);

    expect(stalled).toMatchObject([{ missing: [{ step: 'crm', code: expect.stringMatching(/\w/) }] }]);
    const customerId = workspaces[0]!.subject;
    const notices = async () =>
      (await sandbox.acts('slack')).filter(
        ({ subject, body }) => subject === '#onboarding' && String(body['text']).includes(customerId),
      );
    expect(await untilEnough(notices, ({ length }) => length > 0, SEEN_MS_MAX)).toHaveLength(1);
  });
});

describe('everybody who signed up', () => {
  it('was welcomed once, and told once that all is ready if it is', async () => {
    for (const id of everybody) {
      const wanted = id.endsWith('refused') ? ['Welcome!'] : ['Welcome!', 'Your account is ready'];
      const letters = await untilEnough(
        () => subjectsTo(id),
        ({ length }) => length >= wanted.length,
        SEEN_MS_MAX,
      );
      expect([id, [...letters].sort()]).toEqual([id, [...wanted].sort()]);
    }
  });
});
