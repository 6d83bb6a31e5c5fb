import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { sourceFilesOf } from '@towpath/cli/local/local-sources';
import { loadSources } from '@towpath/sources/load';
import { signZendesk } from '@towpath/sources/sign';
import { runCli } from '@towpath/testing/cli-run';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;
const CLI_MS_MAX = 60_000;

jest.setTimeout(150_000);

const run = `help${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let startedAt: Date;
let sandbox: Sandbox;

beforeAll(async () => {
  platform = await attachPlatform();
  startedAt = new Date();
  sandbox = new Sandbox(platform);
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

/** A comment in a ticket, as a trigger of Zendesk tells of it. */
async function comment(id: string, text: string, author?: string): Promise<void> {
  const secret = loadSources(sourceFilesOf(platform.home)).get('zendesk')!.credentials[0]!.text;
  const requester = { id: `8${id}`, email: `${run}.${id}@example.com`, external_id: null };
  const body = JSON.stringify({
    ...{ type: 'ticket.message', id: randomUUID(), account: 'shop', time: new Date().toISOString() },
    ticket: { id, title: 'A question', tags: 'shop', requester },
    comment: { id: String(randomInt(1e9)), author_id: author ?? requester.id, public: true, body: text },
  });
  const headers = { 'content-type': 'application/json', ...signZendesk(secret, body, new Date()) };
  const url = `http://127.0.0.1:${platform.around.ports.ingress}/webhooks/zendesk`;
  const answer = await fetch(url, { method: 'POST', headers, body });
  expect(answer.status).toBe(202);
}

const newId = (): string => String(randomInt(1e8, 1e9));

function events(id: string, type: string, count = 1) {
  const text = `select data, metadata from support.events where type = $1 and data ->> 'ticketId' = $2 order by position`;
  type Row = { data: Record<string, unknown>; metadata: Record<string, string> };
  return untilEnough(
    () => platform.inspector.query<Row>(text, [`support.v1.${type}`, `zendesk:shop:${id}`]),
    ({ length }) => length >= count,
    SEEN_MS_MAX,
  );
}

async function repliesTo(id: string, count: number): Promise<string[]> {
  const replies = async () => {
    const acts = await sandbox.acts('zendesk');
    const own = acts.filter(({ subject, action }) => subject === id && action === 'reply');
    return own.map(({ body }) => (body['comment'] as { body: string }).body);
  };
  return untilEnough(replies, ({ length }) => length >= count, SEEN_MS_MAX);
}

function towpath(...words: string[]) {
  return runCli(words, { home: platform.home, ports: platform.around.ports, msMax: CLI_MS_MAX });
}

describe('a ticket of Zendesk', () => {
  it('is answered in the ticket, and every step leads back to its webhook', async () => {
    const id = newId();
    await comment(id, 'Where is my order? Can you send me the tracking link?');
    expect(await repliesTo(id, 1)).toEqual([expect.stringContaining('tracking link under "Orders"')]);
    const [sent] = await events(id, 'ReplySent');
    const story = await platform.inspector.eventsByCorrelation(sent!.metadata['correlationId']!);
    const names = story.map(({ schema, type }) => `${schema} ${type.split('.').at(-1)}`);
    expect(names).toEqual(
      expect.arrayContaining([
        'triage TicketReceived',
        'triage TicketTriaged',
        'support ReplyDrafted',
        'support SendTicketReply',
        'egress EffectConfirmed',
        'support ReplySent',
      ]),
    );
    const trace = await towpath('trace', sent!.metadata['correlationId']!);
    expect([trace.code, trace.stdout]).toEqual([0, expect.stringContaining('ReplySent')]);
  });

  it('is answered with a draft that a person approves by the command line, once, and with exactly that text', async () => {
    const id = newId();
    await comment(id, 'I was charged twice for the same order. Please check the double charge.');
    await events(id, 'ReplyReviewOpened');
    expect(await repliesTo(id, 0)).toEqual([]);
    const words = ['review', 'decide', `zendesk:shop:${id}`, 'approve', '--reason', 'right', '--json'];
    const decided = await towpath(...words);
    expect([decided.code, decided.code === 0 ? '' : decided.stderr]).toEqual([0, '']);
    expect(await repliesTo(id, 1)).toEqual([expect.stringContaining('within 7 days')]);
    const [released] = await events(id, 'ReplyReleased');
    expect(released!.data).toMatchObject({ approvedBy: 'local', edited: false });
    expect((await towpath(...words)).code).not.toBe(0);
    expect(await repliesTo(id, 1)).toHaveLength(1);
  });

  it('gets nothing of the bot once a person has written in it', async () => {
    const id = newId();
    await comment(id, 'I was charged twice for the same order. Please check the double charge.');
    await events(id, 'ReplyReviewOpened');
    await comment(id, 'Hi, I look into it.', '77');
    await events(id, 'TicketTaken');
    await comment(id, 'Where is my order? Can you send me the tracking link?');
    const withheld = await events(id, 'ReplyWithheld', 2);
    expect(withheld.map(({ data }) => data['code'])).toEqual(['person-spoke', 'person-owns']);
    expect(await repliesTo(id, 0)).toEqual([]);
  });
});

describe('the past of a ticket', () => {
  it('is replayed to what was decided, by every service that had a part in it', async () => {
    const [sent] = await platform.inspector.query<{ story: string }>(
      `select metadata ->> 'correlationId' as story from support.events
       where type = 'support.v1.ReplySent' and occurred_at >= $1 order by position limit 1`,
      [startedAt],
    );
    const { code, stdout } = await towpath('replay', sent!.story, '--json');
    const { verdicts } = JSON.parse(stdout.trim().split('\n')[0]!) as {
      verdicts: { verdict: string; service: string }[];
    };
    expect(verdicts.filter(({ verdict }) => verdict !== 'same')).toEqual([]);
    expect(verdicts.map(({ service }) => service)).toEqual(expect.arrayContaining(['triage', 'support', 'egress']));
    expect(code).toBe(0);
  });

  it('is backtested to what was decided of each message, whatever people did since', async () => {
    // Whether each of the four messages above is answered, and who has the three that were drafted.
    await backtested('support', 7);
    // What each is about, and which queue it is for.
    await backtested('triage', 8);
  });

  async function backtested(service: string, compared: number): Promise<void> {
    const words = ['backtest', service, '--since', startedAt.toISOString(), '--json'];
    const { code, stdout, stderr } = await towpath(...words);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ compared, failures: [], flippedSubjects: [], erased: 0 });
  }
});
