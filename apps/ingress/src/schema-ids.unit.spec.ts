import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUBLISHED } from './message.js';
import { schemaIdsOf } from './schema-ids.js';

describe('schema ids', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'ingress-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const away = (): Promise<number> => Promise.reject(new Error('the registry is away'));

  it('are kept, and used while the registry is away', async () => {
    const file = join(home, 'state', 'ids.json');
    await schemaIdsOf(PUBLISHED, file, async ({ name }) => name.length);
    expect([...(await schemaIdsOf(PUBLISHED, file, away)).values()]).toEqual(PUBLISHED.map(({ name }) => name.length));
  });

  it('are missing, with the cause, when the registry is away and none or nonsense is kept', async () => {
    const file = join(home, 'ids.json');
    await expect(schemaIdsOf(PUBLISHED, file, away)).rejects.toThrow('the registry is away');
    for (const kept of ['{', '{"webhooks.v1.WebhookReceived":1}', '{"a":"b"}']) {
      writeFileSync(file, kept);
      await expect(schemaIdsOf(PUBLISHED, file, away)).rejects.toThrow('the registry is away');
    }
  });
});
