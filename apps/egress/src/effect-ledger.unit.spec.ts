import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectFired } from '@towpath/contracts/egress/EffectFired.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import { isOf } from '@towpath/event-store/fold';
import fc from 'fast-check';
import { CANCEL, CAPTURE, HALT, REFUND, RESUME } from './actions.js';
import { haltedAccounts } from './ledger.projection.js';
import { FakeProvider, MemoryStore, Replica, type Fate } from './ledger-world.fixture.js';

const contracts = {
  capture: CapturePayment,
  cancel: CancelPayment,
  refund: RefundPayment,
  halt: HaltCaptures,
  resume: ResumeCaptures,
  mail: SendMail,
  notice: PostNotice,
};
interface Step {
  readonly what: keyof typeof contracts;
  readonly payment: number;
  /** how long the next command comes after this one, in turns of the event loop */
  readonly turns: number;
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Sends the steps, restarting after every crash and redelivering what was not handled, until nothing is open. */
async function play(steps: readonly Step[], fates: Fate[], keepsKeys = true, replicas = 1, tells = true) {
  const store = new MemoryStore();
  const provider = new FakeProvider(fates, keepsKeys, tells);
  let crashed = (): void => undefined;
  let crash = new Promise<void>((resolve) => (crashed = resolve));
  const start = () => Array.from({ length: replicas }, () => new Replica(store, provider, () => crashed()));
  let running = start();
  const restart = async () => {
    crash = new Promise<void>((resolve) => (crashed = resolve));
    running = start();
    for (const one of running) await one.dispatcher.start();
  };
  const deliver = async (step: Step, index: number): Promise<void> => {
    const payment = `pi_${step.payment}`;
    // Payments 0 and 1 belong to one account, 2 and 3 to another: an account's commands go to one replica.
    const account = step.payment >> 1;
    const data = {
      paymentId: payment,
      accountId: `cus_${account}`,
      chargeId: null,
      amountMinor: 5,
      currency: 'EUR',
      reason: 'spec',
      ...{ mailId: payment, recipientId: `cus_${account}`, to: 'a@b.example', subject: 'Hello', text: 'Hello' },
      ...{ noticeId: payment, channel: 'C1', inReplyTo: null, approvalHash: null },
    };
    const done = running[account % replicas]!.handle(contracts[step.what] as never, `c${index}`, data).then(() => true);
    if (await Promise.race([done, crash.then(() => false)])) return;
    await restart();
    return deliver(step, index);
  };
  for (const [index, step] of steps.entries()) {
    await deliver(step, index);
    for (let turn = 0; turn < step.turns; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  const deadline = Date.now() + 10_000;
  const isOpen = () => [...store.rows.values()].some(({ name }) => name === 'open-effects');
  while (isOpen()) {
    if (Date.now() > deadline) throw new Error('effects stay open');
    const again = await Promise.race([
      crash.then(() => true),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), 2)),
    ]);
    if (again) await restart();
  }
  for (const one of running) await one.dispatcher.stop();
  return { store, provider };
}

const steps = fc.array(
  fc.record({
    what: fc.constantFrom<Step['what']>('capture', 'capture', 'cancel', 'refund', 'halt', 'resume'),
    payment: fc.integer({ min: 0, max: 3 }),
    turns: fc.integer({ min: 0, max: 12 }),
  }),
  { maxLength: 14 },
);
const fates = fc.array(
  fc.constantFrom<Fate>(
    'reply',
    'reply',
    'reply-lost',
    'call-lost',
    'not-sent',
    'refused',
    'crash-before',
    'crash-after',
  ),
  { maxLength: 14 },
);

type World = Awaited<ReturnType<typeof play>>;

function expectPromises({ store, provider }: World): void {
  const keys = provider.acts.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const payment of new Set(provider.acts.map(({ subject }) => subject))) {
    const done = provider.acts.filter(({ subject }) => subject === payment).map(({ action }) => action);
    expect([[CAPTURE], [CANCEL], [REFUND], [CAPTURE, REFUND]]).toContainEqual(done);
  }
  for (const event of store.events.filter((one) => isOf(EffectReserved, one))) {
    const { effectId } = event.data;
    const types = store.typesOf(effectId);
    expect(types.join(' ')).toMatch(/^Reserved( Fired)*( Confirmed| Failed| OutcomeUnknown)$/);
  }
}

function expectNoCaptureAfterHalt({ store }: World): void {
  const halted = new Set<string>();
  const accounts = new Map<string, string>();
  for (const event of store.events) {
    if (isOf(EffectReserved, event)) {
      const { action, accountId, effectId } = event.data;
      if (action === HALT) halted.add(accountId);
      if (action === RESUME) halted.delete(accountId);
      if (action === CAPTURE) accounts.set(effectId, accountId);
    }
    if (isOf(EffectFired, event)) expect(halted.has(accounts.get(event.data.effectId) ?? '')).toBe(false);
  }
}

describe('the effect ledger', () => {
  it('does every effect at most once, whatever is lost, refused or killed', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fates, async (some, chance) => {
        const world = await play(some, [...chance]);
        expectPromises(world);
        expectNoCaptureAfterHalt(world);
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('does every effect at most once at a provider that keeps no keys', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fates, async (some, chance) => expectPromises(await play(some, [...chance], false))),
      { numRuns: 80 },
    );
  }, 60_000);

  it.each([
    ['keeps no keys and can be asked', true],
    ['keeps no keys and can never be asked', false],
  ])(
    'sends every mail and notice at most once by a provider that %s',
    async (_, tells) => {
      const messages = fc.array(
        fc.record({
          what: fc.constantFrom<Step['what']>('mail', 'notice'),
          payment: fc.integer({ min: 0, max: 3 }),
          turns: fc.integer({ min: 0, max: 12 }),
        }),
        { maxLength: 8 },
      );
      await fc.assert(
        fc.asyncProperty(messages, fates, async (some, chance) => {
          const { store, provider } = await play(some, [...chance], false, 1, tells);
          const keys = provider.acts.map(({ key }) => key);
          expect(new Set(keys).size).toBe(keys.length);
          const confirmed = store.events.filter((event) => isOf(EffectConfirmed, event)).map(({ data }) => data);
          expect(confirmed.every(({ idempotencyKey }) => keys.includes(idempotencyKey))).toBe(true);
        }),
        { numRuns: 60 },
      );
    },
    60_000,
  );

  it('lets one of two replicas call', async () => {
    const calm = fates.map((some) => some.filter((fate) => !fate.startsWith('crash')));
    await fc.assert(
      fc.asyncProperty(steps, calm, async (some, chance) => expectPromises(await play(some, [...chance], true, 2))),
      { numRuns: 80 },
    );
  }, 60_000);

  it('ends captures of a halted account, queued before or coming later, and lets them go after it is lifted', async () => {
    const at = (what: Step['what'], payment: number, turns = 0): Step => ({ what, payment, turns });
    const { store, provider } = await play(
      [at('capture', 0), at('halt', 0, 5), at('capture', 1, 30), at('resume', 0, 30), at('capture', 1, 30)],
      ['not-sent', 'not-sent', 'not-sent'],
    );
    const failures = store.events.filter((event) => isOf(EffectFailed, event)).map(({ data }) => data.code);
    expect(failures).toEqual(['ACCOUNT_FROZEN', 'ACCOUNT_FROZEN']);
    expect(provider.acts).toMatchObject([{ action: CAPTURE, subject: 'pi_1' }]);
    expect(store.events.filter(({ type }) => type.endsWith('EffectConfirmed'))).toHaveLength(3);
  });

  it('calls no capture when another replica halts the account between its look and its commit', async () => {
    const store = new MemoryStore();
    const provider = new FakeProvider([], true);
    const [calling, halting] = [
      new Replica(store, provider, () => undefined),
      new Replica(store, provider, () => undefined),
    ];
    const payment = { paymentId: 'pi_0', chargeId: null, amountMinor: 5, currency: 'EUR' };
    const data = { ...payment, accountId: 'cus_0', reason: 'spec' };
    const looks = store.loadGroup.bind(store);
    let halted: Promise<void> | undefined;
    store.loadGroup = async (query) => {
      const seen = await looks(query);
      const firing = query.rows.some(({ name }) => name === haltedAccounts.name) && query.ids.length === 0;
      if (!halted && firing) await (halted = halting.handle(HaltCaptures, 'halt', data));
      return seen;
    };

    await calling.handle(CapturePayment, 'capture', data);
    await until(() => provider.acts.length > 0 || store.events.some(({ type }) => type === EffectFailed.type));

    expect(halted).toBeDefined();
    expect(provider.acts).toEqual([]);
    expect(store.events.some(({ type }) => type === EffectFired.type)).toBe(false);
    await Promise.all([calling.dispatcher.stop(), halting.dispatcher.stop()]);
  });

  it('lets a cancellation overtake a capture that was not called', async () => {
    const at = (what: Step['what']): Step => ({ what, payment: 0, turns: 20 });
    const { store, provider } = await play(
      [at('capture'), at('cancel')],
      ['not-sent', 'not-sent', 'not-sent', 'not-sent', 'not-sent', 'not-sent'],
    );
    expect(store.events.filter((event) => isOf(EffectFailed, event)).map(({ data }) => data)).toMatchObject([
      { code: 'SUPERSEDED' },
    ]);
    expect(provider.acts).toMatchObject([{ action: CANCEL }]);
  });

  it('asks for a person when nobody knows whether it was done', async () => {
    const { store, provider } = await play([{ what: 'refund', payment: 0, turns: 0 }], ['call-lost'], false);
    expect(provider.acts).toEqual([]);
    expect(store.events.map(({ type }) => type.split('.').at(-1))).toEqual([
      'EffectReserved',
      'EffectFired',
      'EffectOutcomeUnknown',
      'ReviewRequested',
    ]);
  });
});
