import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig, redacted, secret } from './config.js';

const schema = z.object({
  PORT: z.coerce.number().int(),
  TOKEN: secret(z.string()),
  SPARE: secret(z.string()).optional(),
  URL: z.string().default('http://a:b@host/'),
});

describe('configuration', () => {
  it('names every problem at once and shows no value', () => {
    const load = (): unknown => loadConfig(schema, { PORT: 'x-secret-x', TOKEN_FILE: '/nowhere/at/all' });
    expect(load).toThrow(/PORT[^]*TOKEN_FILE|TOKEN_FILE[^]*PORT/);
    expect(load).not.toThrow(/x-secret-x/);
  });

  it('reads a secret from its file without the trailing newline', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'token');
    writeFileSync(file, 's3cret\n');
    expect(loadConfig(schema, { PORT: '1', TOKEN_FILE: file }).TOKEN).toBe('s3cret');
  });

  it('prints secrets and passwords of URLs redacted', () => {
    const config = loadConfig(schema, { PORT: '1', TOKEN: 't0ken', SPARE: 'sp4re' });
    const text = JSON.stringify(redacted(schema, config));
    expect(text).toBe('{"PORT":1,"TOKEN":"[redacted]","SPARE":"[redacted]","URL":"http://a:[redacted]@host/"}');
  });
});
