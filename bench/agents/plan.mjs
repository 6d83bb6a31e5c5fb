/** Options of the benchmark, as `parseArgs` takes them. */
export const optionsOf = {
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  rounds: { type: 'string' },
  concurrency: { type: 'string' },
  only: { type: 'string' },
};

export const SIDES = ['towpath', 'dbos', 'restate'];

export const help = `Usage: npm run bench -- agents [options]

A run of an agent with two journaled steps, from its start to its durable result, in process and without Kafka, beside a
workflow of DBOS and a handler of Restate that do the same: first one caller (latency), then many (rate), the sides in turn,
each in a process of its own. DBOS writes to the same Postgres, Restate to its own log; all of them synced. The peers are
installed from npm into bench/peers when they are missing.

  --quick           about a minute
  --seconds N       length of one measurement (default 3)
  --warm-up N       seconds that each side runs unmeasured before its latency and before its rate (default 12)
  --rounds N        rounds over the sides (default 9); the figures are medians over them. Many short ones: the
                    speed of a virtual machine drifts within seconds
  --concurrency N   callers for the rate (default 16)
  --only SIDES      some of towpath, dbos, restate with commas between; the BENCH line then holds these alone
  --json            progress goes to stderr, so that stdout holds the BENCH line alone`;

/** What to do, from the options. Throws a USAGE error for a value that makes no sense. */
export function planOf(values) {
  const quick = values.quick ?? false;
  return {
    json: values.json ?? false,
    seconds: numberFrom('seconds', values.seconds, quick ? 2 : 3),
    warmUpSeconds: numberFrom('warm-up', values['warm-up'], quick ? 2 : 12),
    rounds: numberFrom('rounds', values.rounds, quick ? 3 : 9),
    concurrency: numberFrom('concurrency', values.concurrency, 16),
    sides: sidesFrom(values.only),
    minutesMax: 15,
  };
}

function sidesFrom(text) {
  const sides = text === undefined ? SIDES : text.split(',');
  const unknown = sides.find((side) => !SIDES.includes(side));
  if (unknown !== undefined) throw new Error(`USAGE: there is no side '${unknown}'; there are ${SIDES.join(', ')}.`);
  return sides;
}

function numberFrom(name, text, otherwise) {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`USAGE: --${name} is '${text}'; give a whole number from 1.`);
  return Number(text);
}
