import { parseArgs } from 'node:util';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { catalogue } from './catalogue.mjs';
import { runSuite } from './suite.mjs';

const repository = resolve(import.meta.dirname, '../..');

const help = `Usage: npm run test:faults [-- options]

Breaks a platform of its own in every way of the table below while signed deliveries flow, and holds what is left to the
guarantees I1 to I8 by outside evidence: what the sender was told, the provider's own log, the topics, the tables.

  --long         at least 100,000 deliveries; each kind twice, once in its long form; about 25 minutes
  --seed N       the plan: order, instants and contents; printed by every run; the same seed gives the same plan
  --only F1,F7   only these kinds (see --list)
  --out DIR      where the sender's log, the sandbox's log and the case list go; default .towpath/faults/out
  --rate N       deliveries a second between faults; default 60, with --long 100
  --list         the table of kinds
  --json         progress to standard error; standard output gets the case list and the last line only
  --help         this text

The last line of its output is FAULTS and a JSON object.
Exit codes: 0 all held, 1 something did not, 3 all held but something took longer than it may, 2 wrong use, 130 ended by Ctrl-C.`;

const options = {
  long: { type: 'boolean', default: false },
  seed: { type: 'string' },
  only: { type: 'string' },
  out: { type: 'string' },
  rate: { type: 'string' },
  list: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
};

async function main(args) {
  let values;
  try {
    values = parseArgs({ args, options }).values;
    if (values.help) return say(help);
    if (values.list) return say(tableOf(values.json));
    return await runSuite(planOf(values));
  } catch (error) {
    if (String(error.code).startsWith('ERR_PARSE_ARGS') || error.code === 'USAGE') {
      console.error(`USAGE: ${error.message}\n\n${help}`);
      return 2;
    }
    throw error;
  }
}

function planOf(values) {
  const seed = wholeNumber('--seed', values.seed ?? String(Date.now() % 1_000_000_000));
  const known = new Set(catalogue.map(({ id }) => id));
  const only = values.only?.split(',').map((id) => id.trim().toUpperCase());
  const unknown = only?.filter((id) => !known.has(id)) ?? [];
  if (unknown.length > 0) throw usage(`there is no fault ${unknown.join(', ')}; there are ${[...known].join(', ')}`);
  const out = resolve(values.out ?? join(repository, '.towpath', 'faults', 'out'));
  mkdirSync(out, { recursive: true });
  return {
    seed,
    again: argumentsOf({ ...values, seed: String(seed) }),
    long: values.long,
    json: values.json,
    out,
    faults: only ? catalogue.filter(({ id }) => only.includes(id)) : catalogue,
    perSecond: wholeNumber('--rate', values.rate ?? (values.long ? '100' : '60')),
    deliveriesMin: values.long && !only ? 100_000 : 0,
    minutesMax: values.long ? 60 : 15,
    home: join(repository, '.towpath', 'faults', 'home'),
  };
}

/** The options that make the plan, as they are written. */
function argumentsOf({ seed, long, only, rate }) {
  return [`--seed ${seed}`, long && '--long', only && `--only ${only}`, rate && `--rate ${rate}`]
    .filter(Boolean)
    .join(' ');
}

function wholeNumber(option, text) {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`${option} takes a whole number, not '${text}'`);
}

function usage(message) {
  return Object.assign(new Error(message), { code: 'USAGE' });
}

function tableOf(json) {
  if (json) return JSON.stringify(catalogue.map(({ id, about, holds }) => ({ id, about, holds })));
  return catalogue.map(({ id, about, holds }) => `${id.padEnd(4)} ${about}\n     ${holds}`).join('\n');
}

function say(text) {
  console.log(text);
  return 0;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error);
  process.exit(1);
}
