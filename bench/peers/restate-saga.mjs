import { createServiceHandler, service, TerminalError } from '@restatedev/restate-sdk';
import { connect } from '@restatedev/restate-sdk-clients';
import { echo, STEPS, undoEcho } from '../sagas/echo.mjs';
import { startRestate } from './restate-server.mjs';

/**
 * Restate: a handler whose steps are undone in reverse when one is refused. The participant is a service of its own, called durably;
 * with `local` it is a function that the handler runs, and nobody but the saga keeps anything.
 */
export async function open({ folder, local }) {
  const participant = service({
    name: 'echo',
    handlers: {
      answer: createServiceHandler({}, (_, asked) => Promise.resolve(terminal(() => echo(asked)))),
      takeBack: createServiceHandler({}, (_, asked) => Promise.resolve(undoEcho(asked))),
    },
  });
  const sagas = service({
    name: 'sagas',
    handlers: {
      run: createServiceHandler({}, (context, input) => runSaga(input, local ? called(context) : asked(context))),
    },
  });
  const { url, close } = await startRestate({ folder, services: local ? [sagas] : [sagas, participant] });
  const client = connect({ url }).serviceClient({ name: 'sagas' });
  return { run: (input) => client.run(input), close };
}

function called(context) {
  return {
    answer: (about) => context.run(about.step, () => terminal(() => echo(about))),
    takeBack: (about) => context.run(`undo-${about.step}`, () => undoEcho(about)),
  };
}

function asked(context) {
  return context.serviceClient({ name: 'echo' });
}

async function runSaga({ echoId, refuses }, participant) {
  const done = [];
  try {
    for (const step of STEPS) {
      await participant.answer({ echoId, step, refuse: refuses === step });
      done.unshift(step);
    }
    return 'completed';
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    for (const step of done) await participant.takeBack({ echoId, step });
    return 'compensated';
  }
}

/** Any other error Restate would try again without end. */
function terminal(act) {
  try {
    return act();
  } catch (error) {
    throw new TerminalError(error.message);
  }
}
