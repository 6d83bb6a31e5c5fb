import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePorts } from './ports.js';
import { startStack, stopStack } from './stack.js';

/** Stands in for docker: writes each call down, and answers the password when asked for it. */
const fakeDocker = `#!/bin/sh
echo "$TOWPATH_PORT_KAFKA $*" >> "$(dirname "$0")/calls"
case "$*" in *postgres-admin) echo secret;; esac
`;

describe('the stack in Docker', () => {
  const path = process.env['PATH'];
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'towpath-docker-'));
    writeFileSync(join(home, 'docker'), fakeDocker);
    chmodSync(join(home, 'docker'), 0o755);
    process.env['PATH'] = [home, path].join(delimiter);
  });

  afterEach(() => {
    process.env['PATH'] = path;
    rmSync(home, { recursive: true, force: true });
  });

  const calls = (): string[] => readFileSync(join(home, 'calls'), 'utf8').trim().split('\n');

  it('gives the same addresses as the local one, on the ports it was told', async () => {
    const ports = await freePorts();
    const stack = await startStack({ home, ports, backend: 'docker' });
    expect(stack.env).toEqual({
      KAFKA_BROKERS: `127.0.0.1:${ports.kafka}`,
      REGISTRY_URL: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
      ADMIN_DATABASE_URL: `postgres://towpath_admin:secret@127.0.0.1:${ports.postgres}/towpath`,
    });
    expect(calls()[1]).toMatch(
      new RegExp(`^${ports.kafka} compose .* up .*--wait --no-build postgres kafka registry$`),
    );
  });

  it('keeps the data when stopped, and removes it only when asked to', async () => {
    await startStack({ home, ports: await freePorts(), backend: 'docker' });
    await stopStack(home);
    await stopStack(home, { removeData: true });
    const downs = calls().filter((call) => call.includes(' down '));
    expect(downs.map((call) => call.includes('--volumes'))).toEqual([false, true]);
  });

  it('is left alone by a home that never used it', async () => {
    await stopStack(home, { removeData: true });
    expect(existsSync(join(home, 'calls'))).toBe(false);
  });

  it('passes on what docker says when it fails', async () => {
    writeFileSync(join(home, 'docker'), "#!/bin/sh\necho 'daemon is away' >&2\nexit 1\n");
    const attempt = startStack({ home, ports: await freePorts(), backend: 'docker' });
    await expect(attempt).rejects.toMatchObject({
      code: 'DOCKER_FAILED',
      message: expect.stringContaining('daemon is away'),
    });
  });
});
