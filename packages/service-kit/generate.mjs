import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Run from its sources, like the contracts' generator: Node strips the types by itself.
const { METRICS } = await import('./src/metric-catalogue.ts');
const { metricsDocument } = await import('./src/metrics-document.ts');

const name = 'docs/reference/metrics.md';
const file = join(import.meta.dirname, '..', '..', name);
const text = metricsDocument(METRICS);
const isCurrent = existsSync(file) && readFileSync(file, 'utf8') === text;
if (!isCurrent && process.argv[2] === '--check') {
  console.log(`${name} is not what the sources give\nRun \`npm run generate\` and commit what it writes.`);
  process.exitCode = 1;
} else if (!isCurrent) writeFileSync(file, text);
