import { randomUUID } from 'node:crypto';
import { RunCanceled } from '@towpath/contracts/agents/RunCanceled.v1';
import { RunRetried } from '@towpath/contracts/agents/RunRetried.v1';
import { z } from 'zod';
import { defineAgent } from '../agent.js';
import { recordedRun } from '../journal/recorded-run.js';
import { runIdOf } from '../runner.js';
import { causeOf, MemoryJournal, runAgent } from '../testing/agent-kit.js';

it('shuts out the worker of a run that a person stops, and goes on after its last finished step when one lets it', async () => {
  const done: string[] = [];
  const [journal, cause] = [new MemoryJournal(), causeOf()];
  const runId = runIdOf(cause.id, { name: 'stopped' });
  const tell = (type: string) => {
    const metadata = { correlationId: cause.id, causationId: cause.id, hops: 1, handler: 'spec' };
    const about = { stream: recordedRun.of(runId), data: { runId, actor: 'ada', reason: 'wrong' }, metadata };
    return journal.append([{ id: randomUUID(), type, occurredAt: new Date(), ...about }]);
  };
  let stops = true;
  const agent = defineAgent({
    ...{ name: 'stopped', version: '1', identity: { scopes: [] }, instructions: { version: '1', text: '' } },
    ...{ input: z.number(), output: z.string() },
    policy: async (_input, run) => {
      await run.step('one', () => done.push('one'));
      await run.step('two', async () => {
        done.push('two');
        if (stops) await tell(RunCanceled.type);
      });
      return run.step('three', () => 'end');
    },
  });
  await expect(runAgent(agent, 1, { journal, cause })).rejects.toMatchObject({ code: 'RUN_SUPERSEDED' });
  stops = false;
  await expect(runAgent(agent, 1, { journal, cause })).rejects.toMatchObject({ code: 'RUN_CANCELED' });
  await tell(RunRetried.type);
  const { outcome } = await runAgent(agent, 1, { journal, cause });
  expect(outcome).toMatchObject({ status: 'decided', decision: 'end' });
  expect(done).toEqual(['one', 'two', 'two']);
  expect(journal.steps).toEqual(['one#1', 'two#1', 'three#1']);
});
