import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// From what is built: declarations of agents reach through whole apps, which Node alone can not run from their sources.
const root = join(import.meta.dirname, '..', '..');
const check = process.argv[2] === '--check';
const table = join(import.meta.dirname, 'dist', 'identity', 'agent-table.js');
if (!existsSync(table)) {
  console.log('the table of agents is made from what is built: run `npm run build` first');
  process.exit(check ? 1 : 0);
}
const { agentsDocument, agentsJson } = await import(pathToFileURL(table).href);
const declared = [];
for (const service of readdirSync(join(root, 'apps')).sort()) {
  const file = join(root, 'apps', service, 'dist', 'agents.js');
  if (!existsSync(join(root, 'apps', service, 'src', 'agents.ts')) || !existsSync(file)) continue;
  declared.push({ service, agents: (await import(pathToFileURL(file).href)).agents });
}
const documents = {
  'docs/reference/agents.md': agentsDocument(declared),
  'docs/reference/agents.json': agentsJson(declared),
};
for (const [name, text] of Object.entries(documents)) {
  const file = join(root, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (!check) writeFileSync(file, text);
  else {
    console.log(`${name} is not what the declarations give\nRun \`npm run generate\` and commit what it writes.`);
    process.exitCode = 1;
  }
}
