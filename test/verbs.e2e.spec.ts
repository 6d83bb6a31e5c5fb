import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { sourceFilesOf } from '@towpath/cli/local/local-sources';
import { loadSources } from '@towpath/sources/load';
import { signZendesk } from '@towpath/sources/sign';
import { publicKeysOf } from '@towpath/stack/agent-keys';
import { runCli } from '@towpath/testing/cli-run';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { ScriptedModel } from '@towpath/testing/scripted-model/server';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 40_000;
const CLI_MS_MAX = 60_000;
/** Long enough for a person to stop the run that waits for the model. */
const MODEL_TIMEOUT_MS = 12_000;

jest.setTimeout(ATTACH_MS_MAX + 240_000);

const run = `verb${randomBytes(4).toString('hex')}`;
const because = ['--reason', `a spec, ${run}`];
let platform: TestPlatform;
let model: ScriptedModel;

beforeAll(async () => {
  platform = await attachPlatform();
  model = await ScriptedModel.start();
  // One failure opens a breaker, and it stays open until a person resets it.
  const breaker = { MODEL_BREAKER_FAILURES: '1', MODEL_BREAKER_OPEN_MS: '600000', MODEL_ATTEMPTS_MAX: '1' };
  const asks = { OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: 'spec', MODEL_TIMEOUT_MS: String(MODEL_TIMEOUT_MS) };
  await platform.service('support').stop();
  await platform.service('support').start({ ...asks, ...breaker });
}, ATTACH_MS_MAX + 60_000);

afterAll(async () => {
  await platform?.service('support').stop();
  await platform?.service('support').start();
  await model?.stop();
  await platform?.release();
}, 60_000);

/** What the command line answered, a JSON object a line. */
async function towpath<T>(...words: string[]): Promise<T[]> {
  const { code, stdout, stderr } = await runCli([...words, '--json'], {
    home: platform.home,
    ports: platform.around.ports,
    msMax: CLI_MS_MAX,
  });
  if (code !== 0) throw new Error(`towpath ${words.join(' ')} ended with ${code}: ${stderr}`);
  return stdout.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line) as T]));
}

async function ticket(text: string): Promise<string> {
  const id = String(randomInt(1e8, 1e9));
  const secret = loadSources(sourceFilesOf(platform.home)).get('zendesk')!.credentials[0]!.text;
  const requester = { id: `8${id}`, email: `${run}.${id}@example.com`, external_id: null };
  const body = JSON.stringify({
    ...{ type: 'ticket.message', id: randomUUID(), account: 'shop', time: new Date().toISOString() },
    ticket: { id, title: 'A question', tags: 'shop', requester },
    comment: { id: String(randomInt(1e9)), author_id: requester.id, public: true, body: text },
  });
  const headers = { 'content-type': 'application/json', ...signZendesk(secret, body, new Date()) };
  const url = `http://127.0.0.1:${platform.around.ports.ingress}/webhooks/zendesk`;
  expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(202);
  return `zendesk:shop:${id}`;
}

interface Run {
  readonly runId: string;
  readonly status: string;
  readonly steps: number;
  readonly attempts: number;
  readonly deadLetterId: string | null;
}

const runs = (...filters: string[]) => towpath<Run>('runs', 'list', '--agent', 'support', ...filters);

function untilRun(runId: string, stands: (one: Run) => boolean): Promise<Run> {
  return untilEnough(
    async () => (await runs()).find((one) => one.runId === runId) as Run,
    (found) => found !== undefined && stands(found),
    SEEN_MS_MAX,
    500,
  );
}

describe('a person at the command line', () => {
  it('stops a run that waits for its model, and lets it go on after its last finished step', async () => {
    // The first answer is a step of its own: the run then waits for the second.
    model.script('draft', () => ({ handTo: 'billing', sentences: [] }));
    model.next('good', 'hang');
    await ticket('Where is my order? Can you send me the tracking link?');
    const [running] = await untilEnough(
      () => runs('--status', 'running'),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
      250,
    );
    const { runId } = running!;
    expect(await towpath('runs', 'cancel', runId, ...because)).toMatchObject([{ runId, outcome: 'canceled' }]);
    const canceled = await untilRun(runId, ({ deadLetterId }) => deadLetterId !== null);
    expect(canceled.status).toBe('canceled');

    expect(await towpath('runs', 'retry', runId, ...because)).toMatchObject([{ runId, outcome: 'retried' }]);
    const ended = await untilRun(runId, ({ status }) => status !== 'running');
    expect(['decided', 'needs_human']).toContain(ended.status);
    expect(ended.steps).toBeGreaterThanOrEqual(canceled.steps);
    expect(ended.attempts).toBeGreaterThan(1);
  });

  it('sees which breaker the silent model opened, and closes it', async () => {
    type Breaker = { readonly breakerId: string; readonly state: string; readonly actor: string | null };
    const listed = async () => (await towpath<Breaker>('breakers', 'list')).filter(isOfModel);
    const isOfModel = ({ breakerId }: Breaker) => breakerId.startsWith('support/model');
    const open = await untilEnough(listed, (all) => all.some(({ state }) => state === 'open'), SEEN_MS_MAX, 500);
    expect(open.map(({ breakerId }) => breakerId)).toContain('support/model/support');
    for (const { breakerId } of open.filter(({ state }) => state === 'open')) {
      await towpath('breakers', 'reset', breakerId, ...because);
    }
    expect((await listed()).map(({ state, actor }) => [state, actor])).toEqual(open.map(() => ['closed', 'local']));
  });

  it('sees what the agent’s questions cost', async () => {
    type Account = { readonly scope: string; readonly name: string; readonly calls: number };
    const accounts = await towpath<Account>('budgets', 'show');
    const agent = accounts.find(({ scope, name }) => scope === 'agent' && name.includes('support'));
    expect(agent?.calls).toBeGreaterThanOrEqual(2);
    expect(accounts.some(({ scope }) => scope === 'day')).toBe(true);
  });

  it('pauses, resumes and kills an agent, and reads all of it in the agent’s history', async () => {
    type Listed = { readonly name: string; readonly state: string };
    const state = async () => (await towpath<Listed>('agents', 'list')).find(({ name }) => name === 'support')?.state;
    try {
      expect(await towpath('agents', 'pause', 'support', ...because)).toMatchObject([{ to: 'paused', changed: true }]);
      expect(await state()).toBe('paused');
      expect(await towpath('agents', 'resume', 'support', ...because)).toMatchObject([{ to: 'running' }]);
      expect(await towpath('agents', 'kill', 'support', ...because)).toMatchObject([{ to: 'killed', changed: true }]);
      expect(await state()).toBe('killed');
    } finally {
      await towpath('agents', 'resume', 'support', ...because);
    }
    expect(await state()).toBe('running');
    type Step = { readonly type: string; readonly service: string; readonly data: Readonly<Record<string, unknown>> };
    const history = await towpath<Step>('agents', 'history', 'support', '--limit', '200');
    const switches = history.filter(
      ({ service, data }) => service === 'support' && String(data['reason']).includes(run),
    );
    expect(switches.map(({ data }) => [data['from'], data['to'], data['actor']])).toEqual([
      ['killed', 'running', 'local'],
      ['running', 'killed', 'local'],
      ['paused', 'running', 'local'],
      ['running', 'paused', 'local'],
    ]);
    expect(history.some(({ type }) => type === 'agents.v1.IdentityUsed')).toBe(true);
  });

  it('gives the agents of a service a new key, and what they ask for is done under it', async () => {
    const current = () => publicKeysOf(platform.home).find((key) => key.service === 'support' && !key.expiresAt)?.kid;
    const before = current();
    await towpath('agents', 'rotate', 'support', '--overlap', '1m', ...because);
    expect(current()).not.toBe(before);
    // Without its model the agent answers by its analyst.
    model.behave('error');
    const ticketId = await ticket('Where is my order? Can you send me the tracking link?');
    const text = `select metadata ->> 'correlationId' as story from support.events
      where type = 'support.v1.ReplySent' and data ->> 'ticketId' = $1`;
    const sent = await untilEnough(
      () => platform.inspector.query<{ story: string }>(text, [ticketId]),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    const events = await platform.inspector.eventsByCorrelation(sent[0]!.story);
    const used = events.find(({ type }) => type === 'agents.v1.IdentityUsed');
    expect(used?.data).toMatchObject({ keyId: current() });
  });
});
