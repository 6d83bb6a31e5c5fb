import type { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import type { Contract } from '@towpath/contracts/contract';
import type { Decisions, OwnDecision } from '../decisions.js';
import { BreakerLog } from './breaker-log.js';
import { BreakerResets } from './breaker-resets.js';

function world() {
  const told: BreakerChanged[] = [];
  const decisions = {
    run: async ({ decide }: OwnDecision<readonly Contract[]>) => {
      const emissions = decide({ now: new Date(7) } as never);
      told.push(...emissions.map(({ data }) => data as BreakerChanged));
      return emissions;
    },
  } as Pick<Decisions, 'run'>;
  const log = new BreakerLog(decisions, { warn: () => undefined, error: () => undefined }, 'egress');
  return { told, log };
}

describe('what a breaker does', () => {
  it('is told of once for each change, however often it opens again after a try', async () => {
    const { told, log } = world();
    for (let time = 0; time < 3; time += 1) log.tell('slack', 'open', 'it answered 503');
    log.tell('slack', 'closed', 'slack answered again');
    log.tell('slack', 'closed', 'slack answered again');
    log.tell('slack', 'open', 'it answered 502');
    await log.stop();
    expect(told.map(({ breakerId, state }) => [breakerId, state])).toEqual([
      ['egress/slack', 'open'],
      ['egress/slack', 'closed'],
      ['egress/slack', 'open'],
    ]);
  });

  it('is undone by a person in every replica, and told of again when it opens', async () => {
    const { told, log } = world();
    let resets = 0;
    const reset = () => {
      resets += 1;
      log.tell('slack', 'closed', 'reset');
    };
    const row = { name: 'slack', state: 'closed', actor: 'ada', changedAt: 9 };
    const store = {
      query: async (_: string, __: string, values: readonly unknown[]) =>
        Number(values[0]) < 9 ? [{ state: row }] : [],
    };
    const other = new BreakerResets(() => [{ name: 'slack', reset }], log, store as never, 5);
    log.tell('slack', 'open', 'it answered 503');
    await other.takeOver();
    await other.takeOver();
    log.tell('slack', 'open', 'it answered 503');
    await log.stop();
    expect(resets).toBe(1);
    expect(told.map(({ state }) => state)).toEqual(['open', 'open']);
    expect(other.reset('nobody')).toBe(false);
  });
});
