import { jest } from '@jest/globals';
import { databaseUrl } from '@towpath/cli/local/service-environment';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import pg from 'pg';

jest.setTimeout(60_000);

describe('the fraud service’s role on the running platform', () => {
  let platform: TestPlatform;
  let fraud: pg.Client;

  beforeAll(async () => {
    platform = await attachPlatform();
    fraud = new pg.Client({ connectionString: databaseUrl(platform.around, 'fraud_service') });
    await fraud.connect();
  }, ATTACH_MS_MAX);

  afterAll(async () => {
    await fraud?.end();
    await platform?.release();
  });

  it('reads its own events', async () => {
    expect((await fraud.query('select count(*) from fraud.events')).rows).toHaveLength(1);
  });

  it.each(["update fraud.events set type = 'x'", 'delete from fraud.events', 'truncate fraud.events'])(
    'is refused: %s',
    async (statement) => {
      await expect(fraud.query(statement)).rejects.toThrow('permission denied');
    },
  );

  it.each(['triage.events', 'egress.events', 'triage.inbox', 'egress.projections', 'vault.keys'])(
    'is refused to select from %s',
    async (table) => {
      await expect(fraud.query(`select 1 from ${table} limit 1`)).rejects.toThrow('permission denied');
    },
  );
});
