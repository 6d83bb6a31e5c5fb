import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

// Everything that is generated: contracts and what follows from them, then the references of the metrics, agents and sagas.
for (const owner of ['packages/contracts', 'packages/service-kit', 'packages/agents', 'packages/sagas']) {
  const script = join(import.meta.dirname, owner, 'generate.mjs');
  const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
