import { randomUUID } from 'node:crypto';
import { sagaOf } from './echo.mjs';

/** One peer in a process of its own: measures when it is told to. `node peer.mjs MODULE OPTIONS`. */
const [module, options] = process.argv.slice(2);
const { open } = await import(module);
const side = await open(JSON.parse(options));

/** Runs `sagas` sagas, `concurrency` at once, each awaited to its durable end. */
async function measure({ sagas, concurrency }) {
  let next = 0;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (next < sagas) {
        const { refuses, ends } = sagaOf(next++);
        const ended = await side.run({ echoId: randomUUID(), refuses });
        if (ended !== ends) throw new Error(`BENCH_WRONG: a saga ended ${JSON.stringify(ended)}, not ${ends}`);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  return { sagas, concurrency, seconds, perSecond: sagas / seconds };
}

process.on('message', async (message) => {
  try {
    if (message.measure) process.send({ measured: await measure(message.measure) });
    if (message.close) {
      await side.close();
      process.send({ closed: true }, () => process.exit(0));
    }
  } catch (error) {
    process.send({ failed: String(error?.stack ?? error) }, () => process.exit(1));
  }
});
process.once('disconnect', () => process.exit(1));
process.send({ ready: true });
