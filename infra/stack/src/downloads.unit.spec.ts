import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchPart } from './downloads.js';

describe('a part', () => {
  let parts: string;

  beforeEach(() => {
    parts = mkdtempSync(join(tmpdir(), 'towpath-parts-'));
  });

  afterEach(() => rmSync(parts, { recursive: true, force: true }));

  it('is fetched once, even when asked for twice at the same time', async () => {
    let fetched = 0;
    const fill = async (folder: string): Promise<void> => {
      fetched += 1;
      writeFileSync(join(folder, 'program'), '');
    };
    const folders = await Promise.all([fetchPart(parts, 'kafka-1', fill), fetchPart(parts, 'kafka-1', fill)]);
    await fetchPart(parts, 'kafka-1', fill);
    expect(fetched).toBe(1);
    expect(folders.map((folder) => existsSync(join(folder, 'program')))).toEqual([true, true]);
  });

  it('is fetched again after a failure, and never used half', async () => {
    const broken = fetchPart(parts, 'kafka-1', async (folder) => {
      writeFileSync(join(folder, 'half'), '');
      throw new Error('connection lost');
    });
    await expect(broken).rejects.toThrow('connection lost');
    expect(existsSync(join(parts, 'kafka-1'))).toBe(false);
    const folder = await fetchPart(parts, 'kafka-1', async (target) => writeFileSync(join(target, 'whole'), ''));
    expect([existsSync(join(folder, 'half')), existsSync(join(folder, 'whole'))]).toEqual([false, true]);
  });

  it('is fetched although a killed process left its lock', async () => {
    writeFileSync(join(parts, 'kafka-1.lock'), '4194304 1');
    await fetchPart(parts, 'kafka-1', async () => undefined);
    expect(existsSync(join(parts, 'kafka-1.lock'))).toBe(false);
  });
});
