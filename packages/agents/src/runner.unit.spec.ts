import { z } from 'zod';
import { defineAgent, type Agent } from './agent.js';
import { ModelUnavailable } from './agent-errors.js';
import { runIdOf } from './runner.js';
import { defineTool } from './tool.js';
import { causeOf, MemoryJournal, runAgent, scriptedModel } from './testing/agent-kit.js';
import { Permanent } from '@towpath/service-kit/permanent';

const lookup = defineTool({
  name: 'history.lookup',
  description: 'looks up',
  input: z.object({ id: z.string() }),
  output: z.object({ orders: z.number() }),
  run: () => ({ orders: 3 }),
});

const base = {
  name: 'spec-agent',
  version: '1',
  identity: { scopes: [] },
  instructions: { version: '1', text: 'spec' },
  tools: [lookup],
  input: z.object({ id: z.string() }),
  output: z.object({ text: z.string() }),
};
const input = { id: 'x' };
const ask = { name: 'draft', input: [], schema: z.object({ text: z.string() }) };

/** Two steps, a tool and a model; counts what was really done. */
function counting(done: string[]): Agent<{ id: string }, { text: string }> {
  return defineAgent({
    ...base,
    policy: async ({ id }, run) => {
      const first = await run.step('first', () => done.push('first') && 1);
      const { orders } = await run.tool(lookup, { id });
      const { value } = await run.model(ask);
      return { text: await run.step('last', () => (done.push('last'), `${value.text} ${first + orders}`)) };
    },
  });
}

const model = (done: string[]) => scriptedModel({ draft: () => (done.push('model'), { text: 'hello' }) });
const tools = (done: string[]) => ({ 'history.lookup': () => (done.push('tool'), { orders: 3 }) });

describe('a run', () => {
  it('ends with the same decision and does each step once, wherever its writing stops', async () => {
    const whole = await runAgent(counting([]), input, { model: model([]), tools: tools([]) });
    expect(whole.outcome).toMatchObject({ status: 'decided', decision: { text: 'hello 4' }, decidedBy: 'model' });
    for (let writes = 0; writes < 6; writes++) {
      const done: string[] = [];
      const journal = new MemoryJournal();
      const cause = causeOf();
      let left = writes;
      journal.beforeAppend = () => {
        if (left-- === 0) throw new Error('killed');
      };
      const options = { model: model(done), tools: tools(done), journal, cause };
      await runAgent(counting(done), input, options).catch(() => undefined);
      const stored = journal.steps;
      const before = [...done];
      const again = await runAgent(counting(done), input, options);
      expect(again.outcome).toMatchObject({ decision: { text: 'hello 4' }, tokens: whole.outcome.tokens });
      expect(new Set(journal.steps).size).toBe(journal.steps.length);
      // What was durable was not done again; at most the one step that was not is.
      const twice = done.length - new Set(done).size;
      expect(twice).toBeLessThanOrEqual(before.length - stored.length);
      expect(twice).toBeLessThanOrEqual(1);
    }
  });

  it('that had ended gives its outcome again without doing anything', async () => {
    const done: string[] = [];
    const { journal, cause, outcome } = await runAgent(counting(done), input, {
      model: model(done),
      tools: tools(done),
    });
    const again = await runAgent(counting(done), input, { model: model(done), tools: tools(done), journal, cause });
    expect(again.outcome).toEqual(outcome);
    expect(done).toEqual(['first', 'tool', 'model', 'last']);
  });

  it('of a worker that another has replaced can not write any more', async () => {
    const journal = new MemoryJournal();
    const cause = causeOf();
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const slow = (wait: boolean) =>
      defineAgent({
        ...base,
        policy: async (_input, run) => {
          await run.step('one', () => 1);
          await run.step('two', async () => {
            reached.resolve();
            if (wait) await gate.promise;
            return 2;
          });
          return { text: await run.step('three', () => 'end') };
        },
      });
    const zombie = runAgent(slow(true), input, { journal, cause });
    const refused = expect(zombie).rejects.toMatchObject({ code: 'RUN_SUPERSEDED' });
    await reached.promise;
    const successor = await runAgent(slow(false), input, { journal, cause });
    gate.resolve();
    await refused;
    expect(successor.outcome).toMatchObject({ decision: { text: 'end' } });
    expect(journal.steps).toEqual(['one#1', 'two#1', 'three#1']);
  });

  it('of which the lease says that it is the first does not look for a journal, and finds one that is there nevertheless', async () => {
    const journal = new MemoryJournal();
    const looked: string[] = [];
    const { readStreams } = journal;
    journal.readStreams = (streams) => (looked.push(...streams), readStreams.call(journal, streams));
    const cause = causeOf();
    const options = { model: model([]), tools: tools([]), journal, cause, request: { firstTry: true } };
    const first = await runAgent(counting([]), input, options);
    expect(first.outcome).toMatchObject({ decision: { text: 'hello 4' } });
    expect(looked).toEqual([]);
    const again = await runAgent(counting([]), input, options);
    expect(again.outcome).toEqual(first.outcome);
    const [stream, events = []] = [...journal.streams][0]!;
    journal.streams.set(stream, events.slice(0, 3));
    await expect(runAgent(counting([]), input, options)).rejects.toMatchObject({ code: 'RUN_SUPERSEDED' });
    expect(journal.streams.get(stream)).toHaveLength(3);
  });

  it('commits its start with the first step and its decision with the last', async () => {
    const journal = new MemoryJournal();
    const commits: number[] = [];
    journal.beforeAppend = (events) => commits.push(events.length);
    const two = defineAgent({
      ...base,
      policy: async (_input, run) => {
        const one = await run.step('one', () => 'a');
        return { text: await run.step('two', () => `${one}b`) };
      },
    });
    await runAgent(two, input, { journal });
    expect(commits).toEqual([2, 2]);
  });

  it('writes that it has begun while its first step still works', async () => {
    const journal = new MemoryJournal();
    const appended = Promise.withResolvers<void>();
    journal.beforeAppend = () => appended.resolve();
    const waiting = defineAgent({
      ...base,
      policy: async (_input, run) => ({ text: await run.step('one', () => appended.promise.then(() => 'a')) }),
    });
    const { outcome } = await runAgent(waiting, input, { journal });
    expect(outcome.decision).toEqual({ text: 'a' });
  });

  it('gives a policy what a resumed one would see', async () => {
    const dated = defineAgent({
      ...base,
      policy: async (_input, run) => ({ text: typeof (await run.step('when', () => new Date(0))) }),
    });
    expect((await runAgent(dated, input)).outcome.decision).toEqual({ text: 'string' });
  });

  it('whose policy became another falls back instead of going astray', async () => {
    const journal = new MemoryJournal();
    const cause = causeOf();
    const of = (name: string, cut: boolean) =>
      defineAgent({
        ...base,
        policy: async (_input, run) => {
          await run.tool(lookup, { id: name });
          if (cut) throw new Error('killed');
          return { text: 'policy' };
        },
        fallback: () => ({ text: 'analyst' }),
      });
    const options = { journal, cause, tools: tools([]) };
    await runAgent(of('a', true), input, options).catch(() => undefined);
    const { outcome } = await runAgent(of('b', false), input, options);
    expect(outcome).toMatchObject({ decision: { text: 'analyst' }, reasons: ['FALLBACK RUN_DIVERGED'] });
  });
});

describe('an agent without a usable model', () => {
  const asking = (fallback?: boolean) =>
    defineAgent({
      ...base,
      policy: async (_input, run) => (await run.model(ask)).value,
      ...(fallback && { fallback: () => ({ text: 'analysed' }) }),
    });

  it('works by its analyst and says so', async () => {
    const { outcome } = await runAgent(asking(true), input);
    expect(outcome).toMatchObject({
      status: 'decided',
      decidedBy: 'analyst',
      decision: { text: 'analysed' },
      reasons: ['FALLBACK MODEL_NOT_CONFIGURED'],
    });
  });

  it('asks a person when it has none', async () => {
    const { outcome } = await runAgent(asking(), input);
    expect(outcome).toMatchObject({ status: 'needs_human', escalation: { code: 'MODEL_NOT_CONFIGURED' } });
  });

  it('stays with the fallback after a crash, also when the model is back', async () => {
    const journal = new MemoryJournal();
    const cause = causeOf();
    let cut = true;
    const agent = defineAgent({
      ...base,
      policy: async (_input, run) => (await run.model(ask)).value,
      fallback: async (_input, run) => {
        await run.step('look', () => 1);
        if (cut) {
          await run.step('more', () => 1);
          throw new Error('killed');
        }
        return { text: 'analysed' };
      },
    });
    const down = scriptedModel({ draft: [new ModelUnavailable('MODEL_DOWN', 'away')] });
    await runAgent(agent, input, { journal, cause, model: down }).catch(() => undefined);
    cut = false;
    const { outcome } = await runAgent(agent, input, {
      journal,
      cause,
      model: scriptedModel({ draft: [{ text: 'm' }] }),
    });
    expect(outcome).toMatchObject({
      decision: { text: 'analysed' },
      reasons: ['FALLBACK MODEL_DOWN', 'MODEL_DOWN: away'],
    });
  });
});

describe('the limits of a run', () => {
  const limits = { turns: 2, toolCalls: 2, tokens: 100, costMicros: 1_000, wallMs: 50, depth: 2 };
  const limited = (policy: Agent<{ id: string }, { text: string }>['policy']) =>
    defineAgent({ ...base, limits, policy });
  const cases: [string, Agent<{ id: string }, { text: string }>][] = [
    [
      'LIMIT_TURNS',
      limited((_input, run) => {
        for (;;) run.turn();
      }),
    ],
    [
      'LIMIT_TOOL_CALLS',
      limited(async ({ id }, run) => {
        for (;;) await run.tool(lookup, { id });
      }),
    ],
    [
      'LIMIT_TOKENS',
      limited(async (_input, run) => {
        for (;;) await run.model(ask);
      }),
    ],
    [
      'LIMIT_DEPTH',
      limited((_input, run) => {
        for (let scope = run; ;) scope = scope.scope('in');
      }),
    ],
    ['LIMIT_WALL_MS', limited(() => new Promise(() => undefined))],
  ];

  it.each(cases)('end it with %s', async (code, agent) => {
    const { outcome } = await runAgent(agent, input, { model: scriptedModel({ draft: () => ({ text: 'x' }) }) });
    expect(outcome).toMatchObject({ status: 'needs_human', escalation: { code } });
  });
});

describe('a tool', () => {
  it('that the agent does not declare is refused', async () => {
    const other = { ...lookup, name: 'money.send' };
    const agent = defineAgent({
      ...base,
      policy: async ({ id }, run) => ({ text: JSON.stringify(await run.tool(other, { id })) }),
    });
    const { outcome } = await runAgent(agent, input);
    expect(outcome).toMatchObject({ escalation: { code: 'TOOL_NOT_DECLARED' } });
  });

  it('whose arguments do not fit is not used', async () => {
    const done: string[] = [];
    const agent = defineAgent({
      ...base,
      policy: async (_input, run) => {
        await run.tool(lookup, { id: 7 as unknown as string });
        return { text: '' };
      },
    });
    await expect(runAgent(agent, input, { tools: tools(done) })).rejects.toMatchObject({ code: 'TOOL_ARGUMENTS' });
    expect(done).toEqual([]);
  });
});

it('keeps no failure that left the run: the tool is tried again', async () => {
  const journal = new MemoryJournal();
  const cause = causeOf();
  const agent = defineAgent({
    ...base,
    policy: async ({ id }, run) => ({ text: String((await run.tool(lookup, { id })).orders) }),
  });
  const wrong = { 'history.lookup': () => ({ orders: 'many' }) };
  await expect(runAgent(agent, input, { journal, cause, tools: wrong })).rejects.toMatchObject({ code: 'TOOL_RESULT' });
  const { outcome } = await runAgent(agent, input, { journal, cause, tools: tools([]) });
  expect(outcome.decision).toEqual({ text: '3' });
});

it('refuses an input that does not fit, for good', async () => {
  const agent = defineAgent({ ...base, policy: () => ({ text: '' }) });
  await expect(runAgent(agent, { id: 1 } as never)).rejects.toBeInstanceOf(Permanent);
});

it('gives a run the same id for every attempt, and another for another agent', () => {
  expect(runIdOf('m1', { name: 'a' })).toBe(runIdOf('m1', { name: 'a' }));
  expect(runIdOf('m1', { name: 'a' })).not.toBe(runIdOf('m1', { name: 'b' }));
});
