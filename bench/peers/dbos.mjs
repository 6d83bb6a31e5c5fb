import { DBOS } from '@dbos-inc/dbos-sdk';
import { randomUUID } from 'node:crypto';
import { answer } from '../agents/answer.mjs';

/** DBOS on the same Postgres: a workflow of two steps, its status and each step rows that its own pool writes. */
export async function open({ databaseUrl, concurrency }) {
  const quiet = { info() {}, debug() {}, warn() {}, error: (...words) => console.error('dbos', ...words) };
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: concurrency + 4,
    logger: quiet,
  });
  const workflow = DBOS.registerWorkflow(
    async (input) => {
      const found = await DBOS.runStep(() => Promise.resolve({ orders: input.n % 7 }), { name: 'look' });
      return DBOS.runStep(() => Promise.resolve(answer(input, found)), { name: 'decide' });
    },
    { name: 'two-steps' },
  );
  await DBOS.launch();
  return {
    async run(input) {
      const handle = await DBOS.startWorkflow(workflow, { workflowID: randomUUID() })(input);
      return handle.getResult();
    },
    close: () => DBOS.shutdown(),
  };
}
