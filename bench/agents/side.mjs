import { randomUUID } from 'node:crypto';
import { answer } from './answer.mjs';

/** One side in a process of its own: measures when it is told to. `node side.mjs MODULE OPTIONS`. */
const [module, options] = process.argv.slice(2);
const { open } = await import(module);
const side = await open(JSON.parse(options));

let next = 0;

/** Runs one after the other by each of `concurrency` callers until the time is over. */
async function measure({ concurrency, seconds }) {
  const latencies = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (performance.now() < endsAt) {
        const input = { id: randomUUID(), n: next++ };
        const begin = performance.now();
        const result = await side.run(input);
        latencies.push(performance.now() - begin);
        assertRight(input, result);
      }
    }),
  );
  const took = (performance.now() - startedAt) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return { runs: latencies.length, perSecond: latencies.length / took, p50Ms: at(0.5), p99Ms: at(0.99) };
}

function assertRight(input, result) {
  const expected = answer(input, { orders: input.n % 7 });
  if (result.id !== expected.id || result.score !== expected.score) {
    throw new Error(`BENCH_WRONG: ${JSON.stringify(result)} for ${JSON.stringify(input)}`);
  }
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
