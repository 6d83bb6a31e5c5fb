#!/usr/bin/env node
import { handOver, isOldNode } from './pinned-node.js';

if (isOldNode(process.versions.node)) {
  process.exitCode = await handOver(process.argv.slice(2));
} else {
  // A reader that left (`towpath watch | head`) ends the verb the way a signal does, so that it still tidies up.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.kill(process.pid, 'SIGTERM');
  });
  const { run } = await import('./program.js');
  process.exitCode = await run(process.argv.slice(2));
  // A client library that forgot a socket must not keep the shell waiting.
  setTimeout(() => process.exit(), 2_000).unref();
}
