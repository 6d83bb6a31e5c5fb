import { parseArgs } from 'node:util';

/** Every benchmark: what it measures, and the file that runs it. */
const benches = {
  agents: {
    about: 'a journaled run of two steps, compared with DBOS and Restate',
    load: () => import('./agents/main.mjs'),
  },
  path: {
    about: 'webhook → decision, compared with the same path built by hand',
    load: () => import('./path/main.mjs'),
  },
  sagas: {
    about: 'sagas of three steps with compensation, compared with DBOS and Restate',
    load: () => import('./sagas/main.mjs'),
  },
  store: {
    about: 'append with hash chain and inbox, compared with a bare INSERT',
    load: () => import('./store/main.mjs'),
  },
};

const usage = `Usage: npm run bench -- NAME [options]

${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`)
  .join('\n')}

Each starts what it needs under .towpath/bench with fresh data on free ports of this machine, and ends it again.
\`npm run bench -- NAME --help\` shows the options of one. The last line of its output is BENCH and a JSON object.
Exit codes: 0 measured, 1 failed, 2 wrong use, 130 ended by Ctrl-C.`;

async function main(options) {
  const [name, ...rest] = options;
  if (name === undefined || name === '--help' || name === '-h') {
    console.log(usage);
    return name === undefined ? 2 : 0;
  }
  if (!Object.hasOwn(benches, name)) {
    console.error(`USAGE: there is no benchmark '${name}'; there are: ${Object.keys(benches).join(', ')}.`);
    return 2;
  }
  const { run, optionsOf, help } = await benches[name].load();
  let values;
  try {
    values = parseArgs({ args: rest, options: { help: { type: 'boolean', short: 'h' }, ...optionsOf } }).values;
  } catch (error) {
    console.error(`USAGE: ${error.message}\n\n${help}`);
    return 2;
  }
  if (values.help) {
    console.log(help);
    return 0;
  }
  return run(values);
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  console.error(error);
  process.exit(1);
}
