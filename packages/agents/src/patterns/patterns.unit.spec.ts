import { z } from 'zod';
import { defineAgent, type Policy } from '../agent.js';
import { runAgent } from '../testing/agent-kit.js';
import type { Limits } from '../limits.js';
import { concurrent, spread } from './concurrent.js';
import { brainstorm, groupChat, makerChecker } from './group-chat.js';
import { handoff } from './handoff.js';
import { planner } from './planner.js';
import { sequential } from './sequential.js';

function agentOf<Out>(policy: Policy<number, Out>, limits: Partial<Limits> = { turns: 40 }) {
  return defineAgent({
    ...{ name: 'spec', version: '1', identity: { scopes: [] }, instructions: { version: '1', text: '' }, limits },
    ...{ input: z.number(), output: z.unknown() as unknown as z.ZodType<Out>, policy },
  });
}

describe('sequential', () => {
  const chain = (pass: boolean, done: string[]) =>
    sequential<number, number, number>({
      begin: (input) => input,
      stages: [
        { name: 'draft', work: (n) => (done.push('draft'), n + 1), gate: () => undefined },
        {
          name: 'check',
          work: (n) => (done.push('check'), n + 1),
          gate: () => (pass ? undefined : { code: 'PROMISE', reason: 'it promises money' }),
        },
        { name: 'polish', work: (n) => (done.push('polish'), n + 1) },
      ],
      end: (n) => n,
    });

  it('stops the chain at a failed gate', async () => {
    const done: string[] = [];
    const { outcome } = await runAgent(agentOf(chain(false, done)), 0);
    expect(outcome).toMatchObject({ status: 'needs_human', escalation: { code: 'PROMISE' } });
    expect(done).toEqual(['draft', 'check']);
  });

  it('takes every stage when the gates let it pass', async () => {
    const { outcome } = await runAgent(agentOf(chain(true, [])), 0);
    expect(outcome).toMatchObject({ decision: 3, turns: 3 });
  });
});

describe('concurrent', () => {
  const panel = (scores: number[]) =>
    concurrent<number, number, number>({
      members: scores.map((score, place) => ({
        name: `analyst-${place}`,
        act: (_n, run) => run.step('score', () => score),
      })),
      disagreement: (opinions) => spread(opinions.map(({ said }) => said)),
      limit: 30,
      aggregate: (opinions) => opinions.reduce((sum, { said }) => sum + said, 0) / opinions.length,
    });

  it('never averages a disagreement above the limit away', async () => {
    const { outcome } = await runAgent(agentOf(panel([10, 12, 95])), 0);
    expect(outcome).toMatchObject({ status: 'needs_human', decision: null, escalation: { code: 'MEMBERS_DISAGREE' } });
    expect(outcome.status === 'needs_human' && outcome.escalation.history).toHaveLength(3);
  });

  it('takes what can not be compared for a disagreement', async () => {
    const { outcome } = await runAgent(agentOf(panel([])), 0);
    expect(outcome.status).toBe('needs_human');
  });

  it('aggregates what agrees', async () => {
    expect((await runAgent(agentOf(panel([10, 12, 38])), 0)).outcome).toMatchObject({ decision: 20 });
  });
});

describe('groupChat', () => {
  it('is ended by a repeated turn', async () => {
    const chat = groupChat<number, string>({
      members: [
        { name: 'a', act: () => 'Yes ' },
        { name: 'b', act: () => 'no' },
      ],
      result: () => undefined,
    });
    const { outcome } = await runAgent(agentOf(chat), 0);
    expect(outcome).toMatchObject({ status: 'needs_human', turns: 3, escalation: { code: 'TURN_REPEATED' } });
  });

  it('lets a maker mend what the checker objects to, and nothing else out', async () => {
    const policy = makerChecker<number, number>({
      maker: 'maker',
      make: (_input, objections) => (objections.includes('too much') ? 50 : 100),
      checker: 'checker',
      check: (_input, work) =>
        work > 60 ? { approved: false, objections: ['too much'] } : { approved: true, objections: [] },
    });
    expect((await runAgent(agentOf(policy), 0)).outcome).toMatchObject({ decision: 50, turns: 4 });
  });

  it('leads a maker who insists to a person', async () => {
    const policy = makerChecker<number, number>({
      ...{ maker: 'maker', make: () => 100, checker: 'checker' },
      check: () => ({ approved: false, objections: ['too much'] }),
    });
    expect((await runAgent(agentOf(policy), 0)).outcome).toMatchObject({ escalation: { code: 'TURN_REPEATED' } });
  });

  it('lets nobody check their own work', () => {
    const own = { maker: 'm', make: () => 1, checker: 'm', check: () => ({ approved: true, objections: [] }) };
    expect(() => makerChecker(own)).toThrow('CHECKER_IS_MAKER');
  });

  it('ends a brainstorm when nobody has a new idea, and picks from what is there', async () => {
    const policy = brainstorm<number, string, string[]>({
      members: [
        { name: 'a', act: ({ history }) => (history.length === 0 ? ['x', 'y'] : ['z']) },
        { name: 'b', act: () => ['y'] },
      ],
      rounds: 10,
      pick: (ideas) => [...ideas],
    });
    expect((await runAgent(agentOf(policy), 0)).outcome).toMatchObject({ decision: ['x', 'y', 'z'], turns: 4 });
  });
});

describe('handoff', () => {
  it('refuses A → B → A and escalates with the history', async () => {
    const policy = handoff<number, string>({
      first: () => 'billing',
      specialists: {
        billing: () => ({ to: 'technical', note: 'an outage' }),
        technical: () => ({ to: 'billing', note: 'a refund' }),
      },
    });
    const { outcome } = await runAgent(agentOf(policy), 0);
    expect(outcome).toMatchObject({
      status: 'needs_human',
      escalation: {
        code: 'HANDOFF_PING_PONG',
        history: [
          { member: 'billing', said: { to: 'technical', note: 'an outage' } },
          { member: 'technical', said: { to: 'billing', note: 'a refund' } },
        ],
      },
    });
  });

  it('is bounded in depth', async () => {
    const specialists = Object.fromEntries(
      [...Array(10).keys()].map((n) => [`s${n}`, () => ({ to: `s${n + 1}`, note: '' })]),
    );
    const policy = handoff<number, string>({ first: () => 's0', specialists });
    const { outcome } = await runAgent(agentOf(policy, { depth: 3, turns: 40 }), 0);
    expect(outcome).toMatchObject({
      escalation: { code: 'LIMIT_DEPTH', history: [{ member: 's0' }, { member: 's1' }, { member: 's2' }] },
    });
  });

  it('asks a person when nobody has that name', async () => {
    const policy = handoff<number, string>({ first: () => 'toString', specialists: {} });
    expect((await runAgent(agentOf(policy), 0)).outcome).toMatchObject({ escalation: { code: 'HANDOFF_UNKNOWN' } });
  });
});

describe('planner', () => {
  it('resets a plan once after two rounds without progress, then needs a human', async () => {
    const plans: number[] = [];
    const worked: string[] = [];
    const policy = planner<number, string>({
      plan: ({ resets }) => (plans.push(resets), [{ id: `t${resets}`, worker: 'fraud', args: {} }]),
      workers: { fraud: ({ id }) => (worked.push(id), { finished: false, facts: {}, note: 'nothing there' }) },
      result: () => undefined,
    });
    const { outcome } = await runAgent(agentOf(policy), 0);
    expect(outcome).toMatchObject({
      status: 'needs_human',
      escalation: { code: 'PLAN_STALLED' },
      reasons: ['PLAN_RESET'],
    });
    expect(plans).toEqual([0, 1]);
    expect(worked).toEqual(['t0', 't0', 't1', 't1']);
  });

  it('keeps what is known over a reset, and goes on from it', async () => {
    const policy = planner<number, string>({
      plan: ({ resets }) => (resets === 0 ? ['find', 'stuck'] : ['other']).map((id) => ({ id, worker: id, args: {} })),
      workers: {
        find: () => ({ finished: true, facts: { payment: 'pi_1' } }),
        stuck: () => ({ finished: false, facts: {} }),
        other: (_task, { facts }) => ({ finished: true, facts: { verdict: `refund ${String(facts['payment'])}` } }),
      },
      result: ({ facts }) => facts['verdict'] as string | undefined,
    });
    expect((await runAgent(agentOf(policy), 0)).outcome).toMatchObject({ decision: 'refund pi_1' });
  });
});
