import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// From what is built: definitions name contracts and functions that Node alone can not load from their sources.
const root = join(import.meta.dirname, '..', '..');
const check = process.argv[2] === '--check';
const table = join(import.meta.dirname, 'dist', 'diagram', 'saga-table.js');
const definitions = join(root, 'apps', 'saga-orchestrator', 'dist', 'definitions', 'all.js');
if (!existsSync(table) || !existsSync(definitions)) {
  console.log('the diagrams of sagas are made from what is built: run `npm run build` first');
  process.exit(check ? 1 : 0);
}
const { sagasDocument, sagasJson } = await import(pathToFileURL(table).href);
const { definitions: all } = await import(pathToFileURL(definitions).href);
const documents = {
  'docs/reference/sagas.md': sagasDocument(all),
  'docs/reference/sagas.json': sagasJson(all),
};
for (const [name, text] of Object.entries(documents)) {
  const file = join(root, name);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  if (!check) writeFileSync(file, text);
  else {
    console.log(
      `${name} is not what the definitions give\nRun \`npm run build\` and \`npm run generate\`, and commit what they write.`,
    );
    process.exitCode = 1;
  }
}
