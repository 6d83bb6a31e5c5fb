// A process of its own that spends: so many runs at once, each call after call, through the functions of the schema `budgets`.
import { randomUUID } from 'node:crypto';
import pg from 'pg';

const { url, agent, cap, runs, callsPerRun } = JSON.parse(process.argv[2]);
const pool = new pg.Pool({ connectionString: url, max: 4 });
const plenty = 1_000_000_000;
let [spentMicros, refused] = [0, 0];

async function run(index) {
  const runId = randomUUID();
  for (let call = 0; call < callsPerRun; call++) {
    const [id, worst] = [randomUUID(), 1 + ((index * 31 + call * 17) % 97)];
    const { rows } = await pool.query('select * from budgets.reserve($1, $2, $3, $4, $5, $6, $7, 60000)', [
      ...[id, agent, runId, worst, plenty, cap, plenty],
    ]);
    if (rows.length > 0) {
      refused += 1;
      continue;
    }
    // Every third call costs its worst case for want of an answer, the others about half.
    const cost = call % 3 === 0 ? null : Math.ceil(worst / 2);
    await pool.query('select budgets.settle($1, $2)', [id, cost]);
    spentMicros += cost ?? worst;
  }
}

await Promise.all(Array.from({ length: runs }, (_, index) => run(index)));
await pool.end();
process.send({ spentMicros, refused }, () => process.disconnect());
