import { randomBytes, randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { databaseUrl } from '@towpath/cli/local/service-environment';
import type { Contract } from '@towpath/contracts/contract';
import { streamOf } from '@towpath/contracts/contract';
import { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { encryptPii, subjectsOf } from '@towpath/event-store/cipher';
import { openStore } from '@towpath/event-store/pool';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { runCli } from '@towpath/testing/cli-run';
import { Sandbox } from '@towpath/testing/sandbox';
import { untilEnough } from '@towpath/testing/until';

const SEEN_MS_MAX = 30_000;
jest.setTimeout(120_000);

const run = `settle${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;
let sandbox: Sandbox;
let fraud: EventStore;
let vault: Vault;

beforeAll(async () => {
  platform = await attachPlatform();
  sandbox = new Sandbox(platform);
  const url = databaseUrl(platform.around, 'fraud_service');
  fraud = openStore({ url, schema: 'fraud' });
  vault = await openVault({ url });
}, ATTACH_MS_MAX);

afterAll(async () => {
  await sandbox?.behave();
  await fraud?.close();
  await vault?.close();
  await platform?.release();
});

/** Asks for an effect as a service does: by a command in its own store, which the relay publishes. */
async function ask<T>(contract: Contract<T>, data: T): Promise<void> {
  const id = randomUUID();
  const sealed = encryptPii(contract, data, await vault.keysFor(subjectsOf(contract, data)));
  const metadata = { correlationId: id, causationId: id, hops: 1, handler: 'spec' };
  await fraud.append([
    {
      ...{ id, stream: streamOf(contract, data), type: contract.type, kind: 'command' },
      ...{ data: sealed as object, metadata, occurredAt: new Date() },
    },
  ]);
}

interface Cli {
  readonly code: number | null;
  readonly lines: Record<string, unknown>[];
  readonly said: string;
}

async function towpath(...words: string[]): Promise<Cli> {
  const { home, around } = platform;
  const { code, stdout, stderr } = await runCli([...words, '--json'], {
    home,
    ports: around.ports,
    msMax: SEEN_MS_MAX,
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return { code, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>), said: stdout + stderr };
}

async function effectsOf(subjectId: string, type: string): Promise<Record<string, unknown>[]> {
  const rows = await platform.inspector.query<{ data: Record<string, unknown> }>(
    `select data from egress.events where type = $1 and data->>'subjectId' = $2 order by position`,
    [`egress.v1.${type}`, subjectId],
  );
  return rows.map(({ data }) => data);
}

async function ended(subjectId: string, type: string): Promise<Record<string, unknown>> {
  const [first] = await untilEnough(
    () => effectsOf(subjectId, type),
    ({ length }) => length > 0,
    SEEN_MS_MAX,
    50,
  );
  return first!;
}

describe('an effect whose outcome nobody knows', () => {
  it('is listed, settled once by a person who signs, and sent no second time', async () => {
    const noticeId = `${run}-notice`;
    await sandbox.behave({ action: 'slack', failNext: 1, failStatus: 500 });
    await ask(PostNotice, { noticeId, channel: `C${run}`, text: 'deploy done' });
    const { effectId } = await ended(noticeId, 'EffectOutcomeUnknown');

    const listed = await towpath('effects', 'list', '--state', 'outcome-unknown');
    expect(listed.lines.find((row) => row['effectId'] === effectId)).toMatchObject({
      ...{ state: 'outcome-unknown', provider: 'slack', subjectId: noticeId, attempts: 1 },
    });
    const settle = ['effects', 'settle', String(effectId), '--outcome', 'not-done', '--reason', 'not in the channel'];
    expect(await towpath(...settle)).toMatchObject({ code: 0 });
    expect(await ended(noticeId, 'EffectFailed')).toMatchObject({ code: 'SETTLED_NOT_DONE' });
    expect(await ended(noticeId, 'EffectSettled')).toMatchObject({ before: 'unknown', outcome: 'not-done' });
    const every = await towpath('effects', 'list', '--limit', '1000');
    expect(every.lines.find((row) => row['effectId'] === effectId)).toMatchObject({
      ...{ state: 'failed', detail: expect.stringContaining('SETTLED_NOT_DONE') },
    });
    const again = await towpath(...settle);
    expect([again.code === 0, again.said]).toEqual([false, expect.stringContaining('EFFECT_NOT_UNKNOWN')]);
    expect((await sandbox.acts('slack')).filter(({ subject }) => subject === `C${run}`)).toEqual([]);
  });
});

describe('a webhook to a partner', () => {
  it('arrives signed, and its endpoint is disabled when it is gone until a person resets it', async () => {
    const hook = (name: string): SendWebhook => ({
      ...{ hookId: `${run}-${name}`, endpoint: 'partner', type: 'loan.approved', subjectId: `cus_${run}` },
      payload: JSON.stringify({ run, name }),
    });
    await ask(SendWebhook, hook('first'));
    await ended(`partner/${run}-first`, 'EffectConfirmed');
    const received = await sandbox.acts('hooks');
    expect(received.filter(({ body }) => (body['data'] as { run?: string }).run === run)).toHaveLength(1);

    await sandbox.behave({ action: 'hooks', failNext: 1, failStatus: 410 });
    await ask(SendWebhook, hook('gone'));
    await ended(`partner/${run}-gone`, 'EffectFailed');
    const breakers = await towpath('breakers', 'list');
    expect(breakers.lines.find((row) => row['breakerId'] === 'egress/hooks/partner')).toMatchObject({
      state: 'disabled',
    });
    await ask(SendWebhook, hook('later'));
    expect(await ended(`partner/${run}-later`, 'EffectFailed')).toMatchObject({
      code: 'ENDPOINT_DISABLED',
      attempts: 0,
    });

    expect(await towpath('breakers', 'reset', 'egress/hooks/partner', '--reason', 'mended')).toMatchObject({ code: 0 });
    await ask(SendWebhook, hook('again'));
    await ended(`partner/${run}-again`, 'EffectConfirmed');
  });
});
