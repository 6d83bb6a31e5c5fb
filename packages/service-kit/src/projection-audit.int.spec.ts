import { projection, type Projection } from '@towpath/event-store/projection';
import { createSpecDatabase, specEvent, type SpecDatabase } from '@towpath/event-store/spec-database';
import { pino } from 'pino';
import { Metrics } from './metrics.js';
import { ProjectionAudit } from './projection-audit.js';

const tallies = projection<{ count: number }>({
  name: 'tallies',
  keysOf: ({ stream }) => [stream],
  evolve: (row) => ({ count: (row?.count ?? 0) + 1 }),
}) as Projection<unknown>;

let database: SpecDatabase;
let lines: string[];
let metrics: Metrics;
let audit: ProjectionAudit;

beforeAll(async () => {
  database = await createSpecDatabase();
  const rows = [{ ...tallies.at('s-1'), expectedVersion: 0, state: { count: 1 } }];
  await database.store.commitGroup({ consumer: '', events: [specEvent('s-1', null, { note: 'a' })], rows });
}, 120_000);

beforeEach(() => {
  lines = [];
  metrics = new Metrics('fraud');
  const logger = pino({}, { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) });
  const { service: schema } = database;
  const url = database.urlOf(`${schema}_service`);
  audit = new ProjectionAudit({ url, schema, projections: [tallies], everyMs: 0, metrics, logger });
});

afterAll(() => database?.drop());

async function told(): Promise<string | undefined> {
  return /^towpath_projection_rows_different\{projection="tallies"[^}]*\} (\d+)$/m.exec(await metrics.text())?.[1];
}

const spoil = (state: string) =>
  database.admin(`update ${database.service}.projections set state = '${state}' where name = 'tallies'`);

describe('the audit of projections', () => {
  it('tells nothing while each row is what its events give', async () => {
    expect(await audit.audit()).toBe(0);
    expect([await told(), lines]).toEqual(['0', []]);
  });

  it('tells how many rows are not, changes none of them, and is quiet again when they are mended', async () => {
    await spoil('{"count": 9}');
    expect(await audit.audit()).toBe(1);
    expect([await told(), lines]).toEqual(['1', ['projection.diverged']]);
    const [row] = await database.admin(`select state from ${database.service}.projections where name = 'tallies'`);
    expect(row?.['state']).toEqual({ count: 9 });
    await spoil('{"count": 1}');
    expect(await audit.audit()).toBe(0);
    expect(await told()).toBe('0');
  });

  it('compares nothing after it was stopped', async () => {
    await spoil('{"count": 9}');
    await audit.stop();
    expect(await audit.audit()).toBe(0);
    expect(lines).toEqual([]);
  });
});
