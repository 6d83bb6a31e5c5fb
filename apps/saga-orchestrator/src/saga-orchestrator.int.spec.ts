import { Echo } from '@towpath/contracts/echo/Echo.v1';
import { EchoRefused } from '@towpath/contracts/echo/EchoRefused.v1';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';
import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';
import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { UndoEcho } from '@towpath/contracts/echo/UndoEcho.v1';
import { OfferAlternativePayment } from '@towpath/contracts/payments/OfferAlternativePayment.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { RecoveryFlowDeclined } from '@towpath/contracts/payments/RecoveryFlowDeclined.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import { decryptPii } from '@towpath/event-store/cipher';
import type { StoredEvent } from '@towpath/event-store/types';
import { untilEnough } from '@towpath/testing/until';
import { ask } from '@towpath/sagas/ask';
import { saga } from '@towpath/sagas/saga';
import { openVersions } from './open-sagas.projection.js';
import { SagaWorld, type SagaReplica } from './saga-world.fixture.js';

let world: SagaWorld;
const replicas: SagaReplica[] = [];

beforeAll(async () => {
  world = await SagaWorld.open();
}, 120_000);

afterAll(async () => {
  for (const replica of replicas) await replica.stop();
  await world?.close();
});

const echoed = (step: string) =>
  ({
    do: ({ key }: { key: string }) => ask(Echo, { echoId: key, step, refuse: false }),
    undo: ({ key }: { key: string }) => ask(UndoEcho, { echoId: key, step }),
    ...{ done: Echoed, failed: EchoRefused, undone: EchoUndone, timeoutMs: 60_000 },
  }) as const;

const echoes = (name: string, version = 1) => saga(name, { version }).startsWith(EchoRequested, ({ echoId }) => echoId);

const endsOf = (history: readonly StoredEvent[]) =>
  history.filter(({ type }) => type === SagaEnded.type).map(({ data }) => (data as SagaEnded).outcome);
const changesOf = (history: readonly StoredEvent[]) =>
  history
    .filter(({ type }) => type === SagaStepChanged.type)
    .flatMap(({ data }) =>
      (data as SagaStepChanged).changes.map((change) => ({ ...change, at: (data as SagaStepChanged).changedAt })),
    );

describe('the orchestrator on Postgres', () => {
  it('keeps personal data of what began a saga unreadable, and gives them to a later command all the same', async () => {
    const definition = saga('personal', { version: 1 })
      .startsWith(PaymentFailed, ({ paymentId }) => paymentId)
      .step('first', echoed('first'))
      .step('offer', {
        do: ({ start }) => ask(OfferAlternativePayment, { ...failure, email: start.email }),
        undo: 'irreversible',
        ...{ done: RecoveryFlowInitiated, failed: RecoveryFlowDeclined, timeoutMs: 60_000 },
      })
      .build();
    const failure = {
      ...{ paymentId: 'pi_1', accountId: 'cus_1', amountMinor: 1, currency: 'EUR', declineCode: null },
      ...{ failureCode: null, invoiceId: null, failedAt: 1 },
    };
    const replica = world.replica(definition);
    const more = { chargeId: null, failureMessage: null, cardFingerprint: null, ipHash: null, email: 'ada@x.test' };
    await replica.hear(PaymentFailed, { ...failure, ...more });
    const [first] = await world.commandsOf(Echo, 'personal', 'pi_1');
    // Another process, so that nothing is left in memory.
    await world.replica(definition).hear(Echoed, { echoId: 'pi_1', step: 'first' }, first!.id);

    const [offer] = await world.commandsOf(OfferAlternativePayment, 'personal', 'pi_1');
    const stored = offer!.data as OfferAlternativePayment;
    expect(stored.email).toMatch(/^enc1:/);
    const keys = await world.vault.keysFor(['cus_1']);
    expect(decryptPii(OfferAlternativePayment, stored, keys).email).toBe('ada@x.test');
    const everything = await world.store.query<{ data: unknown }>('spec_all', 'select data from events', []);
    expect(JSON.stringify(everything)).not.toContain('ada@x.test');
  });

  it('finishes an instance on the version it began with, and begins the next on the newest', async () => {
    const first = echoes('versions').step('one', echoed('one')).step('two', echoed('two')).build();
    const second = echoes('versions', 2).step('one', echoed('one')).step('other', echoed('other')).build();
    await world.replica(first).hear(EchoRequested, { echoId: 'old', refuses: null });
    const replica = world.replica(first, second);
    await replica.hear(EchoRequested, { echoId: 'new', refuses: null });
    for (const key of ['old', 'new']) {
      const [one] = await world.commandsOf(Echo, 'versions', key);
      await replica.hear(Echoed, { echoId: key, step: 'one' }, one!.id);
    }
    const steps = async (key: string) =>
      (await world.commandsOf(Echo, 'versions', key)).map(({ data }) => (data as Echo).step);
    expect([await steps('old'), await steps('new')]).toEqual([
      ['one', 'two'],
      ['one', 'other'],
    ]);
    const versions = (await openVersions(world.store)).filter(({ name }) => name === 'versions');
    expect(versions.map(({ version }) => version).sort()).toEqual([1, 2]);
  });

  it('hears answers that two replicas get at once, and goes on once', async () => {
    const both = echoes('racing')
      .parallel('both', (group) => group.step('left', echoed('left')).step('right', echoed('right')))
      .step('last', echoed('last'))
      .build();
    const [one, other] = [world.replica(both), world.replica(both)];
    const keys = Array.from({ length: 20 }, (_, index) => `race-${index}`);
    for (const key of keys) await one.hear(EchoRequested, { echoId: key, refuses: null });
    await Promise.all(
      keys.map(async (key) => {
        const asked = await world.commandsOf(Echo, 'racing', key);
        const [left, right] = asked.map(({ id, data }) => ({ id, step: (data as Echo).step }));
        await Promise.all([
          one.hear(Echoed, { echoId: key, step: left!.step }, left!.id),
          other.hear(Echoed, { echoId: key, step: right!.step }, right!.id),
        ]);
        const sent = await world.commandsOf(Echo, 'racing', key);
        expect(sent.map(({ data }) => (data as Echo).step).slice(2)).toEqual(['last']);
      }),
    );
  }, 60_000);

  it('lets time pass by the clock of the database, to 100 ms, also for what became due while no process ran', async () => {
    const definition = echoes('timed')
      .step('slow', { ...echoed('slow'), timeoutMs: 700 })
      .build();
    const keys = Array.from({ length: 9 }, (_, index) => `timed-${index}`);
    const away = world.replica(definition);
    await away.hear(EchoRequested, { echoId: 'away', refuses: null });
    const replica = world.replica(definition);
    replicas.push(replica);
    await untilEnough(
      async () => world.store.timersOverdueSeconds(),
      (seconds) => seconds > 0,
      30_000,
      50,
    );
    replica.startTimers();
    for (const key of keys) await replica.hear(EchoRequested, { echoId: key, refuses: null });
    const undone = async () => {
      const histories = await Promise.all(['away', ...keys].map((key) => world.historyOf('timed', key)));
      return histories.map((history) => changesOf(history).find(({ side }) => side === 'undo'));
    };
    const changes = await untilEnough(undone, (all) => all.every(Boolean), 30_000, 50);
    expect(changes.every((change) => change?.state === 'running')).toBe(true);
    const lates = await Promise.all(
      keys.map(async (key, index) => {
        const [started] = await world.historyOf('timed', key);
        return changes[index + 1]!.at - (started!.data as SagaStarted).startedAt - 700;
      }),
    );
    expect(Math.min(...lates)).toBeGreaterThanOrEqual(0);
    // The middle one: other processes of the machine may hold one of them up.
    expect(lates.sort((a, b) => a - b)[4]).toBeLessThanOrEqual(100);
  }, 90_000);

  it('does nothing twice for what comes twice, and ends once', async () => {
    const definition = echoes('twice').step('one', echoed('one')).build();
    const replica = world.replica(definition);
    for (const _ of [1, 2]) await replica.hear(EchoRequested, { echoId: 'k', refuses: null });
    const [one, ...others] = await world.commandsOf(Echo, 'twice', 'k');
    expect(others).toEqual([]);
    for (const _ of [1, 2]) await replica.hear(Echoed, { echoId: 'k', step: 'one' }, one!.id);
    expect(endsOf(await world.historyOf('twice', 'k'))).toEqual(['completed']);
  });

  it('records an answer to a command that nobody sent', async () => {
    const definition = echoes('nobody').step('one', echoed('one')).build();
    const id = '01234567-89ab-8cde-8f01-234567000010';
    await world.replica(definition).hear(Echoed, { echoId: 'k', step: 'one' }, id);
    const [note] = await world.store.read(`saga-reply-${id}`);
    expect(note?.data).toMatchObject({ commandId: id, messageType: Echoed.type });
  });
});
