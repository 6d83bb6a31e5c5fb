import { fork } from 'node:child_process';

/**
 * A side in a process of its own, so that none is slowed by another's garbage: `program` gets the module that opens the side
 * and its options, and answers `{measure}` and `{close}`. Resolves when it is open.
 */
export async function openSide({ name, program, module, options }) {
  const child = fork(program, [module, JSON.stringify(options)], {
    env: { ...process.env, NODE_ENV: 'production', RESTATE_LOGGING: 'ERROR' },
  });
  const answerTo = async (message) => {
    const answered = Promise.withResolvers();
    const onMessage = (said) =>
      said.failed ? answered.reject(new Error(`${name}: ${said.failed}`)) : answered.resolve(said);
    const onExit = (code) => answered.reject(new Error(`${name} ended with ${code}`));
    child.once('message', onMessage);
    child.once('exit', onExit);
    if (message) child.send(message);
    try {
      return await answered.promise;
    } finally {
      child.off('message', onMessage);
      child.off('exit', onExit);
    }
  };
  await answerTo();
  return {
    ...{ name, child },
    measure: async (measure) => (await answerTo({ measure })).measured,
    close: () => answerTo({ close: true }),
  };
}
