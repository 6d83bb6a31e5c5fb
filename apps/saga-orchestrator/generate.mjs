import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// From what is built: definitions name contracts and functions that Node alone can not load from their sources.
const here = import.meta.dirname;
const check = process.argv[2] === '--check';
const folder = join(here, 'histories');
const built = (file) => import(pathToFileURL(join(here, 'dist', file)).href);
/** Draws which message of which history is repeated, late or overtaken. */
const SEED = 7;

if (!existsSync(join(here, 'dist', 'histories', 'record-histories.js'))) {
  console.log('histories of sagas are recorded from what is built: run `npm run build` first');
  process.exit(check ? 1 : 0);
}
const { definitions } = await built('definitions/all.js');
const { recordedHistories } = await built('histories/record-histories.js');
const { linesOf } = await built('histories/history.js');

const wanted = new Map(definitions.map((one) => [`${one.name}.v${one.version}.jsonl`, one]));
const there = existsSync(folder) ? readdirSync(folder) : [];
for (const [file, definition] of wanted) {
  // What is recorded stays: it is what instances of that version did.
  if (there.includes(file)) continue;
  if (check) complain(`histories/${file} is missing`, 'Run `npm run build && npm run generate`, and commit it.');
  else {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), linesOf(recordedHistories(definition, SEED)));
  }
}
for (const file of there) {
  if (wanted.has(file)) continue;
  complain(
    `histories/${file} is of a version that definitions/all.ts does not list`,
    'Put the version back; or delete the file, when no instance of it runs any more.',
  );
}

function complain(what, fix) {
  console.log(`${what}\n${fix}`);
  process.exitCode = 1;
}
