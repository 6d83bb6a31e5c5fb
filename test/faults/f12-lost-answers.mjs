const EACH_MS = 3_000;

/** The request arrives, its answer never does: what happened is unknown to whoever asked. */
export const lostAnswers = {
  id: 'F12',
  about: 'reset after the request and before its answer: provider (with keys, then ignoring them), broker, database',
  holds: 'unknown is not failed: nothing is done twice, also by a provider that ignores keys',
  async inject(world, { note }) {
    const { provider, kafka, postgres } = world.proxies;
    for (const ignoreKeys of [false, true]) {
      await world.sandbox.behave({ ignoreKeys });
      await strike(world, provider);
      note(`provider${ignoreKeys ? ' ignoring keys' : ''}: ${provider.resets} resets`);
      // Calls that come again must still meet a provider that knows no keys.
      if (ignoreKeys) await world.pause(EACH_MS);
    }
    await world.sandbox.behave();
    await strike(world, kafka);
    await strike(world, postgres);
    note(`broker: ${kafka.resets}, database: ${postgres.resets} resets`);
  },
};

async function strike(world, proxy) {
  proxy.resets = 0;
  proxy.set({ kind: 'reset-before-answer' });
  await world.pause(EACH_MS);
  proxy.heal();
}
