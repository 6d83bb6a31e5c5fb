#!/usr/bin/env node
import { existsSync } from 'node:fs';

// Stands here, not in dist/, so that npm finds it to link before anything is built.
const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('NOT_BUILT: this clone is not built yet; run `npm start`, which builds and starts everything.');
  process.exitCode = 1;
}
