import type { Comparison, Difference, Run } from './rebuild-types.js';
import type { Shadow } from './shadow.js';

const rowsPerRead = 2_000;
const examplesMax = 10;

/** One projection's rows of two tables. */
export interface Compared {
  readonly schema: string;
  readonly name: string;
  readonly shadow: Shadow;
  /** told how many keys were compared; may throw to end it */
  onPage?(rows: number): void;
}

/**
 * Compares the live rows that `live` sees with those built beside them, key by key, and marks what differs for the swap.
 * States are compared as Postgres writes them, so neither order of names nor spelling of numbers makes a difference.
 */
export async function compareRows(live: Run, beside: Run, compared: Compared): Promise<Omit<Comparison, 'position'>> {
  const examples: Difference[] = [];
  const counts = { liveRows: 0, replayedRows: 0, different: 0 };
  let marked: string[] = [];
  let keys = 0;
  for await (const { key, states } of pairs(
    rowsOf(live, compared, 'projections'),
    rowsOf(beside, compared, 'projections_rebuilt'),
  )) {
    const [own, replayed] = states;
    if (own !== null) counts.liveRows += 1;
    if (replayed !== null) counts.replayedRows += 1;
    if (own !== replayed) {
      counts.different += 1;
      marked.push(key);
      if (examples.length < examplesMax) examples.push(differenceOf(key, own, replayed));
    }
    keys += 1;
    if (keys % rowsPerRead !== 0) continue;
    await compared.shadow.mark(beside, marked);
    marked = [];
    compared.onPage?.(keys);
  }
  await compared.shadow.mark(beside, marked);
  return { ...counts, examples };
}

type Row = readonly [key: string, state: string | null];

async function* rowsOf(run: Run, { schema, name }: Compared, table: string): AsyncGenerator<Row> {
  const pageFrom = (comparison: '>=' | '>') => ({
    name: `compare_${table}_${comparison === '>' ? 'next' : 'first'}`,
    text: `select key, state from ${schema}.${table} where name = $1 and key ${comparison} $2 order by key limit ${rowsPerRead}`,
  });
  let statement = pageFrom('>=');
  let after = '';
  for (;;) {
    const rows = (await run(statement, [name, after])).map((row): Row => [row[0]!, row[1] ?? null]);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < rowsPerRead) return;
    after = last[0];
    statement = pageFrom('>');
  }
}

/** Both sides by key, in the order of both; null where a side has none. Keys sort by their bytes, as the tables do. */
async function* pairs(
  one: AsyncIterator<Row>,
  other: AsyncIterator<Row>,
): AsyncGenerator<{ key: string; states: readonly [string | null, string | null] }> {
  let [left, right] = [await next(one), await next(other)];
  while (left || right) {
    const order = !left ? 1 : !right ? -1 : Buffer.compare(Buffer.from(left[0]), Buffer.from(right[0]));
    const key = (order <= 0 ? left : right)![0];
    yield { key, states: [order <= 0 ? left![1] : null, order >= 0 ? right![1] : null] };
    if (order <= 0) left = await next(one);
    if (order >= 0) right = await next(other);
  }
}

async function next(rows: AsyncIterator<Row>): Promise<Row | undefined> {
  const result = await rows.next();
  return result.done ? undefined : result.value;
}

function differenceOf(key: string, live: string | null, replayed: string | null): Difference {
  return {
    key,
    ...(live !== null && { live: JSON.parse(live) as unknown }),
    ...(replayed !== null && { replayed: JSON.parse(replayed) as unknown }),
  };
}
