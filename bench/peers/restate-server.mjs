import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { arch, platform } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { createEndpointHandler } from '@restatedev/restate-sdk';
import http2 from 'node:http2';

const require = createRequire(import.meta.url);
const START_MS_MAX = 60_000;

/**
 * Restate's server from npm with its default settings, whose log is synced, and `services` served to it from this process.
 * Answers the URL that takes calls, and how to end it.
 */
export async function startRestate({ folder, services }) {
  const [ingress, admin, node, endpoint] = await freePorts(4);
  const binary = require.resolve(`@restatedev/restate-server-${platform()}-${arch()}/bin/restate-server`);
  const server = spawn(binary, ['--no-logo', '--node-name', 'bench', '--base-dir', folder], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'error',
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}/`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
    },
  });
  process.once('exit', () => server.kill('SIGKILL'));
  const listener = http2.createServer(createEndpointHandler({ services }));
  await new Promise((resolve) => listener.listen(endpoint, '127.0.0.1', resolve));
  await register(`http://127.0.0.1:${admin}/deployments`, `http://127.0.0.1:${endpoint}`);
  return {
    url: `http://127.0.0.1:${ingress}`,
    async close() {
      listener.close();
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await Promise.race([ended, delay(5_000).then(() => server.kill('SIGKILL'))]);
    },
  };
}

async function register(url, uri) {
  for (const deadline = performance.now() + START_MS_MAX; ; await delay(200)) {
    try {
      const body = JSON.stringify({ uri });
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      if (response.ok) return;
      throw new Error(`${response.status} ${await response.text()}`);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
