import pg from 'pg';
import { paymentEvent } from './payment.mjs';

const insert = {
  name: 'insert',
  text: 'insert into bare.events (id, stream, type, data, metadata, occurred_at) values ($1, $2, $3, $4, $5, $6)',
};

/** The floor: one row, one primary key, one INSERT by the driver, nothing else. */
export class BareSide {
  name = 'bare';

  static async open({ adminUrl, writers }) {
    const pool = new pg.Pool({ connectionString: adminUrl, max: writers, idleTimeoutMillis: 0 });
    // The server may end a connection that is closing already.
    pool.on('error', () => undefined);
    await pool.query(`create schema bare; create table bare.events (
      id uuid primary key, stream text not null, type text not null, data jsonb not null, metadata jsonb not null,
      occurred_at timestamptz not null)`);
    return new BareSide(pool);
  }

  constructor(pool) {
    this.pool = pool;
  }

  /** A writer's next row. */
  async write(stream) {
    const { id, type, data, metadata, occurredAt } = paymentEvent(stream);
    await this.pool.query({
      ...insert,
      values: [id, stream, type, JSON.stringify(data), JSON.stringify(metadata), occurredAt],
    });
  }

  async rows() {
    return Number((await this.pool.query('select count(*) from bare.events')).rows[0].count);
  }

  async close() {
    await this.pool.end();
  }
}
