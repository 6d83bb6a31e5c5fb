/** Options of the benchmark, as `parseArgs` takes them. */
export const optionsOf = {
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  rounds: { type: 'string' },
  writers: { type: 'string' },
};

export const help = `Usage: npm run bench -- store [options]

One event appended with its place in the stream's hash chain and its message's inbox row, in one transaction, beside a bare
INSERT of the same row by the same driver into a table with nothing but a primary key, in the same Postgres: first one
writer (latency), then many (rate), the two sides in turn.

  --quick        about 20 seconds
  --seconds N    length of one measurement (default 5)
  --warm-up N    seconds that each side runs unmeasured before its latency and before its rate (default 12)
  --rounds N     rounds bare/Towpath (default 5); the figures are medians over them
  --writers N    connections for the rate (default 16)
  --json         progress goes to stderr, so that stdout holds the BENCH line alone`;

/** What to do, from the options. Throws a USAGE error for a value that makes no sense. */
export function planOf(values) {
  const quick = values.quick ?? false;
  return {
    json: values.json ?? false,
    seconds: numberFrom('seconds', values.seconds, quick ? 2 : 5),
    warmUpSeconds: numberFrom('warm-up', values['warm-up'], quick ? 2 : 12),
    rounds: numberFrom('rounds', values.rounds, quick ? 2 : 5),
    writers: numberFrom('writers', values.writers, 16),
    minutesMax: 10,
  };
}

function numberFrom(name, text, otherwise) {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new Error(`USAGE: --${name} is '${text}'; give a whole number from 1.`);
  return Number(text);
}
