import { textArray } from '../literals.js';
import type { Run } from './rebuild-types.js';

const rowsPerClear = 20_000;

/** The rows of one projection that are built beside the live ones. */
export class Shadow {
  constructor(
    private readonly schema: string,
    private readonly name: string,
  ) {}

  /** A part at a time: no statement may take long. */
  async clear(run: Run): Promise<void> {
    const clear = this.call('rebuild_clear', '$1, $2::integer');
    for (;;) {
      const [row] = await run(clear, [this.name, rowsPerClear]);
      if (Number(row?.[0]) < rowsPerClear) return;
    }
  }

  /** The states of the keys that have one. */
  async states(run: Run, keys: readonly string[]): Promise<Map<string, unknown>> {
    const statement = {
      name: 'rebuild_states',
      text: `select r.key, r.state from unnest($2::text[]) as q(key)
        cross join lateral (select * from ${this.schema}.projections_rebuilt n where n.name = $1 and n.key = q.key offset 0) r
        where r.state is not null`,
    };
    const rows = await run(statement, [this.name, textArray(keys)]);
    return new Map(rows.map((row) => [row[0]!, JSON.parse(row[1]!) as unknown]));
  }

  /** Undefined as state: no such row. `changed`: the live row may differ from it. */
  async write(run: Run, states: ReadonlyMap<string, unknown>, changed: boolean): Promise<void> {
    if (states.size === 0) return;
    const json = JSON.stringify([...states.values()].map((state) => state ?? null));
    const values = [this.name, textArray([...states.keys()]), json, changed];
    await run(this.call('rebuild_write', '$1, $2::text[], $3::jsonb, $4::boolean'), values);
  }

  /** These live rows differ. */
  async mark(run: Run, keys: readonly string[]): Promise<void> {
    if (keys.length > 0) await run(this.call('rebuild_mark', '$1, $2::text[]'), [this.name, textArray(keys)]);
  }

  /** Puts `limit` of what differs in the place of the live rows; only with all writers held back, and caught up. */
  async swap(run: Run, limit: number): Promise<{ swapped: number; isDone: boolean }> {
    const statement = {
      name: 'rebuild_swap',
      text: `select p_taken, p_written from ${this.schema}.rebuild_swap($1, $2::integer)`,
    };
    const [row] = await run(statement, [this.name, limit]);
    return { swapped: Number(row?.[1]), isDone: Number(row?.[0]) < limit };
  }

  private call(name: string, parameters: string) {
    return { name, text: `select ${this.schema}.${name}(${parameters})` };
  }
}
