import type { Connections, Statement } from './connection.js';
import { loadGroupStatement } from './load-group.js';
import type { Snapshot } from './types.js';

/** Snapshots of one store for one version of the code that folds. */
export class Snapshots {
  private present: Promise<boolean> | undefined;
  private readonly whole: Statement;
  private readonly cached: Statement;

  /** `fold` names the code; without it streams are always read whole */
  constructor(
    private readonly connections: Connections,
    private readonly schema: string,
    private readonly fold?: string,
  ) {
    this.whole = loadGroupStatement(schema);
    this.cached = loadGroupStatement(schema, true);
  }

  /** How a group is read: services without long streams, most of them, never look for snapshots. */
  async reading(): Promise<{ readonly statement: Statement; readonly values: readonly string[] }> {
    if (this.fold === undefined) return { statement: this.whole, values: [] };
    this.present ??= this.lookForAny(this.fold);
    return (await this.present)
      ? { statement: this.cached, values: [this.fold] }
      : { statement: this.whole, values: [] };
  }

  async keep({ stream, version, hash, state }: Snapshot): Promise<void> {
    if (this.fold === undefined) return;
    const statement = {
      name: 'keep_snapshot',
      text: `select ${this.schema}.keep_snapshot($1, $2::bigint, $3, $4::bytea, $5::json)`,
    };
    const values = [stream, version, this.fold, `\\x${hash.toString('hex')}`, JSON.stringify(state)];
    await this.connections.run(statement, values);
    this.present = Promise.resolve(true);
  }

  /** Those that another replica keeps later are found once this one has kept one itself. */
  private async lookForAny(fold: string): Promise<boolean> {
    const statement = {
      name: 'any_snapshot',
      text: `select exists (select from ${this.schema}.snapshots s where s.fold = $1)`,
    };
    try {
      return (await this.connections.run(statement, [fold]))[0]?.[0] === 't';
    } catch (error) {
      this.present = undefined;
      throw error;
    }
  }
}
