import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// Everything that is generated: contracts and what follows from them, then the references of the metrics, agents and sagas, and the histories of sagas.
const owners = [
  ...['packages/contracts', 'packages/service-kit', 'packages/agents', 'packages/sagas'],
  'apps/saga-orchestrator',
];
for (const owner of owners) {
  const script = join(import.meta.dirname, owner, 'generate.mjs');
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
