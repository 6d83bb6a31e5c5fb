import type pg from 'pg';
import { storeErrorOf } from './sql-errors.js';

/** The values as text: the store converts only what it uses. */
const asText = {
  getTypeParser: () => (value: string | Buffer) => value as string,
} as unknown as pg.CustomTypesConfig;

/** Runs a query; rows are arrays of Postgres' own text. The session's time zone is UTC, its dates ISO. */
export type TextRows = (text: string, values: readonly unknown[]) => Promise<(readonly (string | null)[])[]>;

/** A pool, or one connection with its transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

/** Text rows of a pool, or of one connection within its transaction. */
export function textRowsOf(client: Queryable): TextRows {
  return async (text, values) => {
    try {
      const query = { text, values: [...values], rowMode: 'array' as const, types: asText };
      return (await client.query<(string | null)[]>(query)).rows;
    } catch (error) {
      throw storeErrorOf(error);
    }
  };
}
