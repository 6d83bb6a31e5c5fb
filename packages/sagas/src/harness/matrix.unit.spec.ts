import { Echo } from '@towpath/contracts/echo/Echo.v1';
import { Echoed } from '@towpath/contracts/echo/Echoed.v1';
import { EchoRefused } from '@towpath/contracts/echo/EchoRefused.v1';
import { EchoRequested } from '@towpath/contracts/echo/EchoRequested.v1';
import { EchoUndone } from '@towpath/contracts/echo/EchoUndone.v1';
import { UndoEcho } from '@towpath/contracts/echo/UndoEcho.v1';
import { ask } from '../ask.js';
import { saga } from '../saga.js';
import { judge } from './judge.js';
import { casesOf } from './matrix.js';
import { scenariosOf } from './scenario.js';
import { FAULTS, VirtualWorld, type Run } from './virtual-world.js';

const step = (name: string) => ({
  do: ({ key }: { readonly key: string }) => ask(Echo, { echoId: key, step: name, refuse: false }),
  done: Echoed,
  failed: EchoRefused,
  undo: ({ key }: { readonly key: string }) => ask(UndoEcho, { echoId: key, step: name }),
  undone: EchoUndone,
  timeoutMs: 30_000,
});

const twoSteps = saga('two-steps', { version: 1 })
  .startsWith(EchoRequested, ({ echoId }) => echoId)
  .step('first', step('first'))
  .step('second', step('second'))
  .build();

describe('the matrix of a definition', () => {
  const cases = casesOf(twoSteps);

  it('has every fault at every boundary of the good way, and no two cases of one name', () => {
    const good = cases.filter(({ scenario }) => scenario.name === 'all goes well').map(({ name }) => name);
    const boundaries = ['start', 'first asked', 'first done', 'second asked', 'second done'];
    const expected = boundaries.flatMap((boundary) =>
      FAULTS.filter((fault) => boundary !== 'start' || !['delay', 'reorder'].includes(fault)).map(
        (fault) => `two-steps: all goes well: ${fault} at ${boundary}`,
      ),
    );
    expect(good).toEqual(expect.arrayContaining(expected));
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('says in which turn of the orchestrator each message comes', () => {
    const good = cases.filter(({ scenario }) => scenario.name === 'all goes well');
    const turns = Object.fromEntries(good.map(({ boundary: { label, turn } }) => [label, turn]));
    const steps = { 'first asked': 1, 'first done': 1, 'second asked': 2, 'second done': 2 };
    expect(turns).toEqual(expect.objectContaining({ start: 0, ...steps }));
  });

  it('ends every case completed, compensated or with a person, and does nothing twice', () => {
    const verdicts = cases.map((one) => ({ name: one.name, ...one.run() }));
    expect(verdicts.filter(({ violations }) => violations.length > 0)).toEqual([]);
    expect(new Set(verdicts.map(({ end }) => end))).toEqual(new Set(['completed', 'compensated', 'needs_human']));
  });

  it('runs the same case to the same end', () => {
    const one = cases.at(-1)!;
    expect(one.run()).toEqual(one.run());
  });
});

describe('the judge', () => {
  const refused = scenariosOf(twoSteps).find(({ name }) => name === 'second is refused')!;
  const good = scenariosOf(twoSteps)[0]!;
  const runOf = (scenario: typeof good): Run => new VirtualWorld(twoSteps, scenario).run();
  const effectOf = (run: Run, name: string) => run.participants.all.find((effect) => effect.step === name)!;

  it('passes what went well, and what was taken back', () => {
    expect(judge(twoSteps, runOf(good))).toEqual({ end: 'completed', doubleEffects: 0, violations: [] });
    expect(judge(twoSteps, runOf(refused))).toEqual({ end: 'compensated', doubleEffects: 0, violations: [] });
  });

  it('finds what was done twice', () => {
    const run = runOf(good);
    effectOf(run, 'first').acted += 1;
    expect(judge(twoSteps, run).doubleEffects).toBe(1);
  });

  it('finds what a compensated saga left standing', () => {
    const run = runOf(refused);
    effectOf(run, 'first').undone = 0;
    expect(judge(twoSteps, run).violations).toEqual(['first was not taken back']);
  });

  it('finds what is said to be done and was not', () => {
    const run = runOf(good);
    effectOf(run, 'second').acted = 0;
    expect(judge(twoSteps, run).violations).toEqual(['second is said to be done and is not']);
  });

  it('finds undos in the wrong order, commands after the end, and what never ends', () => {
    const run = runOf(refused);
    run.participants.log.push('-first', '-second');
    expect(judge(twoSteps, { ...run, afterEnd: ['echo.v1.Echo'] }).violations).toEqual([
      'echo.v1.Echo was asked for after the end',
      'second was undone after first',
    ]);
    expect(judge(twoSteps, { ...run, endless: true }).end).toBe('stuck');
  });
});
