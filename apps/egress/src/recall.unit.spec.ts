import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { ProbeEffect } from '@towpath/contracts/platform/ProbeEffect.v1';
import { effectIdOf } from './effect-id.js';
import { FakeProvider, MemoryStore, Replica, type Fate } from './ledger-world.fixture.js';

const COMMAND = 'command-1';
const effectId = effectIdOf(COMMAND);
const ENDS: readonly string[] = [EffectConfirmed.type, EffectFailed.type, EffectOutcomeUnknown.type];

function world(fates: Fate[], { keepsKeys = false, lateMs = 0 } = {}) {
  const store = new MemoryStore();
  const provider = new FakeProvider(fates, keepsKeys, true, lateMs);
  const replica = new Replica(store, provider, () => undefined);
  let probes = 0;
  const ask = () => replica.handle(PostNotice, COMMAND, { noticeId: 'n1', channel: 'C1', text: 'x' });
  const probe = async (): Promise<string> => {
    const id = `probe-${(probes += 1)}`;
    const data = { commandId: COMMAND, action: PostNotice.type, subjectId: 'n1', reason: 'the step timed out' };
    await replica.handle(ProbeEffect, id, data);
    return id;
  };
  const ends = () =>
    store.events
      .filter(({ stream, type }) => stream === `effect-${effectId}` && ENDS.includes(type))
      .map(({ type, data, metadata }) => ({
        end: type.replace('egress.v1.Effect', ''),
        cause: metadata.causationId,
        commandId: (data as { commandId: string }).commandId,
        code: (data as { code?: string }).code ?? null,
      }));
  const started = replica.dispatcher.start();
  return { store, provider, replica, ask, probe, ends, started };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a probe by command', () => {
  it('tells the end of an effect again, caused by the probe', async () => {
    const { ask, probe, ends, provider, replica } = world(['reply']);
    await ask();
    await until(() => ends().length === 1);
    const id = await probe();
    expect(ends()).toEqual([
      { end: 'Confirmed', cause: COMMAND, commandId: COMMAND, code: null },
      { end: 'Confirmed', cause: id, commandId: COMMAND, code: null },
    ]);
    expect(provider.acts).toHaveLength(1);
    await replica.dispatcher.stop();
  });

  it('tells a refusal again with its code', async () => {
    const { ask, probe, ends, replica } = world(['refused']);
    await ask();
    await until(() => ends().length === 1);
    await probe();
    expect(ends().map(({ end, code }) => [end, code])).toEqual([
      ['Failed', 'card_declined'],
      ['Failed', 'card_declined'],
    ]);
    await replica.dispatcher.stop();
  });

  it('answers for a command that never came, which then comes to nothing when it is late', async () => {
    const { ask, probe, ends, provider, replica } = world([]);
    const id = await probe();
    expect(ends()).toEqual([{ end: 'Failed', cause: id, commandId: COMMAND, code: 'NEVER_ASKED' }]);
    await ask();
    await until(() => ends().length === 2);
    expect(ends().at(-1)).toEqual({ end: 'Failed', cause: COMMAND, commandId: COMMAND, code: 'RECALLED' });
    expect(provider.acts).toEqual([]);
    await replica.dispatcher.stop();
  });

  it.each([
    ['was done', 'reply-lost', 'Confirmed', 1],
    ['was not done', 'call-lost', 'Failed', 0],
  ] as const)('finds out that an effect whose outcome nobody knew %s', async (_title, fate, end, acts) => {
    const { ask, probe, ends, provider, replica, store } = world([fate]);
    // The provider can't be asked at first.
    provider.blind = 'untold';
    await ask();
    await until(() => ends().length === 1);
    expect(ends()[0]?.end).toBe('OutcomeUnknown');
    provider.blind = undefined;
    const id = await probe();
    await until(() => ends().length === 2);
    expect(ends().at(-1)).toMatchObject({ end, cause: id, commandId: COMMAND });
    expect(provider.acts).toHaveLength(acts);
    expect([...store.rows.values()].filter(({ name }) => /effects$/.test(name))).toEqual([]);
    const types = store.events.map(({ type }) => type);
    expect(types.filter((type) => /ReviewRequested|ReviewClosed|EffectSettled/.test(type))).toEqual([
      ...['platform.v1.ReviewRequested', 'egress.v1.EffectSettled', 'platform.v1.ReviewClosed'],
    ]);
    await replica.dispatcher.stop();
  });

  it('does not believe "not done" while the provider may still act', async () => {
    const { ask, probe, ends, provider, replica } = world(['late'], { lateMs: 300 });
    await ask();
    await until(() => ends().length === 1);
    await probe();
    await until(() => provider.probes >= 2);
    expect(ends()).toHaveLength(1);
    provider.late?.();
    await until(() => ends().length === 2);
    expect(ends().at(-1)).toMatchObject({ end: 'Confirmed' });
    await replica.dispatcher.stop();
  });

  it('stops what would be called again under its key', async () => {
    const { ask, probe, ends, provider, replica } = world(Array<Fate>(50).fill('call-lost'), { keepsKeys: true });
    provider.blind = 'unavailable';
    await ask();
    await until(() => provider.probes >= 1);
    await probe();
    provider.blind = undefined;
    await until(() => ends().length === 1);
    expect(ends()[0]).toMatchObject({ end: 'Failed', cause: COMMAND, code: 'TIMEOUT' });
    expect(provider.acts).toEqual([]);
    await replica.dispatcher.stop();
  });

  it('ends what was refused for the moment and waits to be called again', async () => {
    const { ask, probe, ends, provider, replica } = world(Array<Fate>(2_000).fill('not-sent'));
    await ask();
    await until(() => provider.fates.length < 2_000);
    await probe();
    await until(() => ends().length === 1);
    expect(ends()[0]).toMatchObject({ end: 'Failed', cause: COMMAND, code: 'CONNECTION_FAILED' });
    await replica.dispatcher.stop();
  });
});
