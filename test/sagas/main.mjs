import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runMatrix } from './matrix.mjs';

const repository = resolve(import.meta.dirname, '../..');

const help = `Usage: npm run sagas -- matrix [options]

Breaks every saga at every boundary. Of each definition, every way it can go (each step refused, its answer lost, its undo
refused, a person who cancels, …) is run on virtual time, and every message in it is met by a crash, a repeat, a delay past
the time-out and a reorder. Then cases drawn by a seed run on the real stack, many at once: processes die by SIGKILL at the
message of the case, records come again, answers come too late. What was done is counted from the sandbox's own log.

  --out DIR       where the lists of cases and the sandbox's log go; default .towpath/sagas/out
  --seed N        which real cases are drawn; printed by every run; the same seed draws the same
  --real N        real cases (default 200); 0 runs the virtual ones alone
  --only NAMES    these definitions, with commas between
  --resume        takes the real cases that DIR has from a run of the same seed as they are, and runs the others
  --list          the names of all cases
  --json          progress to standard error, so that standard output holds the SAGAS line alone
  --help          this text

The last line of its output is SAGAS and a JSON object.
Exit codes: 0 all held, 1 something did not, 2 wrong use, 130 ended by Ctrl-C.`;

const options = {
  out: { type: 'string' },
  seed: { type: 'string' },
  real: { type: 'string', default: '200' },
  only: { type: 'string' },
  resume: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

async function main([verb, ...rest]) {
  if (verb === undefined || verb === '--help' || verb === '-h') {
    console.log(help);
    return verb === undefined ? 2 : 0;
  }
  try {
    if (verb !== 'matrix') throw usage(`there is no '${verb}'; there is matrix`);
    const { values } = parseArgs({ args: rest, options });
    if (values.help) {
      console.log(help);
      return 0;
    }
    return await runMatrix(planOf(values));
  } catch (error) {
    if (String(error.code).startsWith('ERR_PARSE_ARGS') || error.code === 'USAGE') {
      console.error(`USAGE: ${error.message}\n\n${help}`);
      return 2;
    }
    throw error;
  }
}

function planOf(values) {
  const out = resolve(values.out ?? join(repository, '.towpath', 'sagas', 'out'));
  mkdirSync(out, { recursive: true });
  return {
    ...{ out, list: values.list, json: values.json, resume: values.resume },
    seed: wholeNumber('--seed', values.seed ?? String(Date.now() % 1_000_000_000)),
    real: wholeNumber('--real', values.real),
    only: values.only?.split(',').map((name) => name.trim()),
    home: join(repository, '.towpath', 'sagas', 'home'),
    minutesMax: 20,
  };
}

function wholeNumber(option, text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`${option} takes a whole number, not '${text}'`);
}

function usage(message) {
  return Object.assign(new Error(message), { code: 'USAGE' });
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error);
  process.exit(1);
}
