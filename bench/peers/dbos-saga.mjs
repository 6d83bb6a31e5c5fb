import { DBOS } from '@dbos-inc/dbos-sdk';
import { echo, Refused, STEPS, undoEcho } from '../sagas/echo.mjs';

/**
 * DBOS on the same Postgres: a workflow whose steps are undone in reverse when one is refused. The participant is a workflow of its own,
 * which keeps what it did; with `local` it is a function that a step calls, and nobody but the saga keeps anything.
 */
export async function open({ databaseUrl, concurrency, local }) {
  const quiet = { info() {}, debug() {}, warn() {}, error: (...words) => console.error('dbos', ...words) };
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: databaseUrl,
    systemDatabasePoolSize: Math.min(concurrency, 32) + 4,
    logger: quiet,
  });
  const [answer, takeBack] = local ? localParticipant() : participant();
  const workflow = DBOS.registerWorkflow((input) => runSaga(input, answer, takeBack), { name: 'saga' });
  await DBOS.launch();
  return {
    async run({ echoId, refuses }) {
      const handle = await DBOS.startWorkflow(workflow, { workflowID: echoId })({ echoId, refuses });
      return handle.getResult();
    },
    close: () => DBOS.shutdown(),
  };
}

function localParticipant() {
  return [
    (asked) => DBOS.runStep(() => Promise.resolve(echo(asked)), { name: asked.step }),
    (asked) => DBOS.runStep(() => Promise.resolve(undoEcho(asked)), { name: `undo-${asked.step}` }),
  ];
}

/** A refusal is an answer, not an error: an error of a workflow is kept as text and loses its kind. */
function participant() {
  const answering = DBOS.registerWorkflow((asked) => Promise.resolve(answered(asked)), { name: 'echo' });
  const undoing = DBOS.registerWorkflow((asked) => Promise.resolve(undoEcho(asked)), { name: 'undo-echo' });
  return [
    async (asked) => {
      const handle = await DBOS.startWorkflow(answering, { workflowID: `${asked.echoId}-${asked.step}` })(asked);
      const { refused } = await handle.getResult();
      if (refused !== undefined) throw new Refused(refused);
    },
    async (asked) => {
      const handle = await DBOS.startWorkflow(undoing, { workflowID: `${asked.echoId}-${asked.step}-undo` })(asked);
      return handle.getResult();
    },
  ];
}

function answered(asked) {
  try {
    return echo(asked);
  } catch (error) {
    return { refused: error.message };
  }
}

async function runSaga({ echoId, refuses }, answer, takeBack) {
  const done = [];
  try {
    for (const step of STEPS) {
      await answer({ echoId, step, refuse: refuses === step });
      done.unshift(step);
    }
    return 'completed';
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    for (const step of done) await takeBack({ echoId, step });
    return 'compensated';
  }
}
