import { openStore } from './pool.js';
import { createSpecDatabase, type SpecDatabase } from './spec-database.js';

let database: SpecDatabase;
beforeAll(async () => {
  database = await createSpecDatabase();
}, 60_000);
afterAll(() => database?.drop());

it('refuses a statement of the name of another, instead of running the other', async () => {
  const { service: schema } = database;
  const store = openStore({ url: database.urlOf(`${schema}_service`), schema, poolSize: 1 });
  try {
    await store.query('ping', 'select 2', []);
    await expect(store.ping()).rejects.toMatchObject({ code: 'STATEMENT_NAME_TAKEN' });
    await store.ping();
  } finally {
    await store.close();
  }
});
