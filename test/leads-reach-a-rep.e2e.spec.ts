import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { runCli, type CliRun } from '@towpath/testing/cli-run';
import { addressOf, formCompletedBody } from '@towpath/testing/customer-bodies';
import { Deliveries } from '@towpath/testing/deliveries';
import { lettersTo } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox, type SeenAct } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;

jest.setTimeout(120_000);

const id = `lead${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let sandbox: Sandbox;
/** Who asked, as every event names them. */
let contactId: string;

beforeAll(async () => {
  platform = await attachPlatform();
  sandbox = new Sandbox(platform);
  const body = JSON.stringify(formCompletedBody(id));
  expect(await new Deliveries(platform).sendTo('customers', body, `msg_${id}`)).toBe(202);
  const [noted] = await eventsOf('LeadSignalNoted', 'signalId', `form_${id}`);
  contactId = String(noted?.['contactId']);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

async function eventsOf(type: string, field: string, value: string): Promise<Record<string, unknown>[]> {
  const look = () =>
    platform.inspector.query<{ data: Record<string, unknown> }>(
      `select data from growth.events where type = $1 and data ->> '${field}' = $2 order by position`,
      [`growth.v1.${type}`, value],
    );
  const rows = await untilEnough(look, ({ length }) => length > 0, SEEN_MS_MAX);
  return rows.map(({ data }) => data);
}

const told = (type: string) => eventsOf(type, 'contactId', contactId);

function actsOf(provider: string, isIt: (act: SeenAct) => boolean): Promise<SeenAct[]> {
  const look = async () => (await sandbox.acts(provider)).filter(isIt);
  return untilEnough(look, ({ length }) => length > 0, SEEN_MS_MAX);
}

const towpath = (...words: string[]): Promise<CliRun> =>
  runCli(words, { home: platform.home, ports: platform.around.ports, msMax: 60_000 });

/** What a person is told whose command changes nothing. */
async function refusal(verb: string, ...words: string[]): Promise<string> {
  const { code, stderr } = await towpath('leads', verb, contactId, ...words, '--reason', 'too late');
  expect(code).toBe(1);
  return stderr;
}

/** Leads that a rep has open. */
async function loadOf(rep: string): Promise<number> {
  const row = await platform.inspector.projectionRow('growth', 'rep_loads', rep);
  return (row as { open: number }).open;
}

describe('a lead who completed a form', () => {
  it('is scored with reasons that add up, written to with approved words, and its rep is alerted and named in the CRM', async () => {
    const [scored] = await told('LeadScored');
    expect(scored).toMatchObject({ grade: 'hot', territory: 'dach' });
    const factors = scored!['factors'] as { points: number; because: string }[];
    expect(factors.reduce((sum, { points }) => sum + points, 0)).toBe(scored!['score']);
    expect(factors.every(({ because }) => because.length > 0)).toBe(true);

    const [assigned] = await told('LeadAssigned');
    expect(assigned).toMatchObject({ territory: 'dach', turn: 1, rep: expect.stringMatching(/^(anna|bruno)$/) });
    const rep = String(assigned!['rep']);
    const alerts = await actsOf('slack', ({ body }) => String(body['text']).includes(contactId));
    expect(alerts).toMatchObject([{ body: { text: expect.stringContaining(`${rep}: a hot lead`) } }]);
    const contacts = await actsOf('crm', ({ subject }) => subject === addressOf(id));
    const wanted = { lifecyclestage: 'lead', towpath_owner: rep, towpath_lead_score: String(scored!['score']) };
    expect(contacts).toMatchObject([{ body: wanted }]);

    const [drafted] = await told('LeadContentDrafted');
    expect(drafted).toMatchObject({ decidedBy: 'analyst', next: 'sent' });
    expect(drafted!['cited']).not.toEqual([]);
    const letters = await untilEnough(
      () => lettersTo(platform.home, addressOf(id)),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    expect(letters).toHaveLength(1);
  });

  it('is taken and closed by a person at the command line, each with their name and reason, and its rep has room again; nobody else can', async () => {
    const rep = String((await told('LeadAssigned'))[0]!['rep']);
    const before = await loadOf(rep);
    const taken = await towpath('leads', 'take', contactId, '--reason', 'called them this morning', '--json');
    expect([taken.code, taken.stderr]).toEqual([0, '']);
    expect(JSON.parse(taken.stdout)).toMatchObject({ outcome: 'growth.v1.LeadTaken', data: { contactId } });
    expect(await told('LeadTaken')).toMatchObject([{ actor: 'local' }]);
    expect(await refusal('take')).toMatch(/COMMAND_REFUSED.*LEAD_TAKEN/s);

    const closed = await towpath('leads', 'close', contactId, '--outcome', 'won', '--reason', 'forty people from May');
    expect([closed.code, closed.stderr]).toEqual([0, expect.stringContaining('LeadTaken')]);
    expect(closed.stdout).toContain('LeadClosed');
    expect(await told('LeadClosed')).toMatchObject([
      { outcome: 'won', rep, actor: 'local', reason: 'forty people from May' },
    ]);
    expect(await loadOf(rep)).toBe(before - 1);
    expect(await refusal('take')).toMatch(/COMMAND_REFUSED.*LEAD_NOT_OPEN/s);
    expect(await refusal('close', '--outcome', 'lost')).toMatch(/COMMAND_REFUSED.*LEAD_NOT_OPEN/s);
    expect(await told('LeadTaken')).toHaveLength(1);
  });
});
