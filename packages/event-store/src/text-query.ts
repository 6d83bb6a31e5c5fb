import type pg from 'pg';
import { StoreRefusal } from './errors.js';

/** A row as Postgres' text, column by column; null is SQL null. */
export type TextRow = readonly (string | null)[];

/** What a value may be: Postgres reads its text as the parameter's type. Lists go as literals, see `literals.ts`. */
export type TextValue = string | number | boolean | Buffer | null;

/** The side of the driver's connection that queries of its own making use; its types leave out most of it. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  /** texts of the statements that the server knows, by name; the driver notes them when it is told so */
  readonly parsedStatements: Readonly<Record<string, string>>;
  parse(statement: { name: string; text: string; types: readonly number[] }): void;
  bind(portal: { statement: string; values: readonly (string | Buffer | null)[] }): void;
  execute(portal: object): void;
  sync(): void;
}

/**
 * A named, prepared statement whose rows come back as Postgres' text. It plugs into the driver where its cursors do, and leaves out
 * what only results of unknown form need: it asks for no description of the columns and builds no result of fields, which together
 * take a fifth of what a short statement costs this process.
 */
class TextQuery implements pg.Submittable {
  /** the driver wraps it to end its time-out */
  callback: (error: Error | null, rows?: TextRow[]) => void = () => undefined;
  private readonly values: readonly (string | Buffer | null)[];
  private readonly rows: TextRow[] = [];

  /** The driver reads `name` and `text` to know what the server has parsed. */
  constructor(
    readonly name: string,
    readonly text: string,
    values: readonly TextValue[],
  ) {
    this.values = values.map(textOf);
  }

  /** What it returns the driver gives to `handleError`; by then nothing was sent. */
  submit(connection: pg.Connection): Error | undefined {
    const wire = connection as unknown as Wire;
    const known = wire.parsedStatements[this.name];
    if (known !== undefined && known !== this.text) {
      return new StoreRefusal('STATEMENT_NAME_TAKEN', `two statements are named '${this.name}'; give one another name`);
    }
    // All of it leaves in one write.
    wire.stream.cork();
    try {
      if (known === undefined) wire.parse({ name: this.name, text: this.text, types: [] });
      wire.bind({ statement: this.name, values: this.values });
      wire.execute({});
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
    return undefined;
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    this.rows.push(fields);
  }

  handleError(error: Error): void {
    this.callback(error);
  }

  handleReadyForQuery(): void {
    this.callback(null, this.rows);
  }

  // The driver tells all of this; descriptions, parts of results and copies never come, for they are not asked for.
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
}

/** Resolves with the statement's rows. Rejects with what Postgres or the driver said. */
export function queryText(
  client: Pick<pg.ClientBase, 'query'>,
  statement: { readonly name: string; readonly text: string },
  values: readonly TextValue[],
): Promise<TextRow[]> {
  return new Promise((resolve, reject) => {
    const query = new TextQuery(statement.name, statement.text, values);
    query.callback = (error, rows) => (error ? reject(error) : resolve(rows ?? []));
    client.query(query);
  });
}

function textOf(value: TextValue): string | Buffer | null {
  if (typeof value === 'string' || value === null || Buffer.isBuffer(value)) return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new TypeError(`a ${typeof value} has no text of its own for Postgres; pass it as a literal`);
}
