import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { Permanent } from '../permanent.js';
import { BacktestWorld, runOf } from './backtest.fixture.js';

const refuse = () => {
  throw new Permanent('ACCOUNT_CLOSED', 'the account of Ada Lovelace is closed');
};

describe('a backtest', () => {
  it('flips what is answered otherwise, and nothing of a service as it is', async () => {
    const world = () => new BacktestWorld().message('m1', 'pi_1').decided('m1', 'pi_1', 'warn');
    expect((await world().backtest({ name: () => 'warn' })).summary).toMatchObject({ compared: 1, flipped: 0 });
    const { flips, summary } = await world().backtest({ name: () => 'alarm' });
    expect(flips).toMatchObject([{ subject: 'pi_1', recorded: 'warn', replayed: 'alarm', message: 'm1' }]);
    expect(summary.flips).toEqual({ 'warn → alarm': 1 });
  });

  it('names each message that it can not decide, by its codes and not by its words', async () => {
    const world = new BacktestWorld().message('m1', 'pi_1').decided('m1', 'pi_1', 'warn');
    const { failures, summary } = await world.backtest({ name: refuse });
    const named = { message: 'm1', story: 'story-m1', handler: 'NameFailure', code: 'ACCOUNT_CLOSED' };
    expect(failures).toEqual([{ ...named, type: PaymentFailed.type, place: expect.stringMatching(/:\d+$/) }]);
    expect(summary).toMatchObject({ failed: 1, failedAsBefore: 0, erased: 0 });
    expect(JSON.stringify(failures)).not.toContain('Ada');
  });

  it('does not blame a change for what failed as it did then, but for another reason it does', async () => {
    const then = (reason: string) => new BacktestWorld().message('m1', 'pi_1').failed('m1', reason);
    const same = await then('ACCOUNT_CLOSED').backtest({ name: refuse });
    expect([same.failures, same.summary]).toMatchObject([[], { failed: 0, failedAsBefore: 1 }]);
    const other = await then('REASON_MISSING').backtest({ name: refuse });
    expect(other.summary).toMatchObject({ failed: 1, failedAsBefore: 0 });
  });

  it('compares nothing that was decided on words of somebody who was erased since, whether it fails or flips', async () => {
    const world = () =>
      new BacktestWorld()
        .message('m1', 'pi_1')
        .message('m2', 'pi_2')
        .decided('m1', 'pi_1', 'no funds')
        .decided('m2', 'pi_2', 'no funds')
        .erase('cus_pi_1');
    const told = await world().backtest({ name: ({ data }) => data.failureMessage! });
    expect(told.flips).toEqual([]);
    expect(told.summary).toMatchObject({ compared: 1, flipped: 0, failed: 0, erased: 1 });
    const strict = {
      name: ({ data }: { data: PaymentFailed }) => (data.failureMessage === 'erased' ? refuse() : 'no funds'),
    };
    expect((await world().backtest(strict)).summary).toMatchObject({ failed: 0, flipped: 0, erased: 1 });
  });

  it('decides a message once that was written twice', async () => {
    const world = new BacktestWorld().message('m1', 'pi_1').message('m1', 'pi_1');
    let decided = 0;
    await world.backtest({ name: () => `${(decided += 1)}` });
    expect(decided).toBe(1);
  });

  it('tries again what fails in passing, after the pause that its handler has, and at last counts it', async () => {
    const tries: number[] = [];
    const name = ({ data }: { data: PaymentFailed }, { now }: { now: Date }) => {
      if (data.paymentId !== 'pi_1') return 'warn';
      tries.push(now.getTime());
      if (tries.length < 3) throw new Error('not yet');
      return 'warn';
    };
    const world = new BacktestWorld().message('m1', 'pi_1').message('m2', 'pi_2', 1);
    for (const n of [1, 2]) world.decided(`m${n}`, `pi_${n}`, 'warn');
    expect((await world.backtest({ name })).summary).toMatchObject({ compared: 2, flipped: 0, failed: 0 });
    expect(tries.map((at) => at - tries[0]!)).toEqual([0, 500, 1_500]);
    const never = {
      name: () => {
        throw new Error('never');
      },
    };
    expect((await new BacktestWorld().message('m1', 'pi_1').backtest(never)).failures).toMatchObject([
      { message: 'm1', code: 'HANDLER_FAILED' },
    ]);
  });

  it('opens the personal data that a decision asks for, as the pipeline does', async () => {
    const world = () => new BacktestWorld().knew('pi_1').message('m1', 'pi_1').decided('m1', 'pi_1', 'no funds');
    const naming = {
      reads: () => ({ opens: ['payment-pi_1'] }),
      name: (_: unknown, state: { opened(contract: typeof PaymentFailed, key: string): PaymentFailed | undefined }) =>
        state.opened(PaymentFailed, 'pi_1')?.failureMessage ?? 'nothing',
    };
    expect((await world().backtest(naming)).summary).toMatchObject({ compared: 1, flipped: 0, failed: 0 });
    expect((await world().erase('cus_pi_1').backtest(naming)).summary).toMatchObject({ compared: 0, erased: 1 });
  });

  it('shows work that reads the store what was decided again, and nothing of what came later then', async () => {
    const world = new BacktestWorld()
      .message('m1', 'pi_1')
      .message('m2', 'pi_1', 1)
      .decided('m1', 'pi_1', 'then')
      .decided('m2', 'pi_1', 'then');
    const { flips } = await world.backtest({
      work: async (_, { store }) => (await store.read('alert-pi_1')).map(({ data }) => (data as { name: string }).name),
      name: ({ id }, _, seen) => `${id} saw ${(seen as string[]).join(' and ') || 'nothing'}`,
    });
    expect(flips).toMatchObject([{ replayed: 'm2 saw m1 saw nothing' }]);
  });

  it('says when agents were told otherwise than then', async () => {
    const world = new BacktestWorld().message('m1', 'pi_1').ran('m1', 'judge', '1').decided('m1', 'pi_1', 'warn');
    const { flips } = await world.backtest({
      work: async ({ id }, { store }) => store.append([runOf(id, 'judge', '2')]),
      name: () => 'alarm',
    });
    expect(flips[0]!.why[0]).toEqual({ field: 'instructions of judge', recorded: '1', replayed: '2' });
  });
});
