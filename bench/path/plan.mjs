/** Options of the benchmark, as `parseArgs` takes them. */
export const optionsOf = {
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  seconds: { type: 'string' },
  rates: { type: 'string' },
  rounds: { type: 'string' },
  history: { type: 'string' },
  only: { type: 'string' },
  'skip-ramp': { type: 'boolean' },
  'skip-effects': { type: 'boolean' },
  profile: { type: 'string' },
  'node-options': { type: 'string' },
};

export const help = `Usage: npm run bench -- path [options]

Signed webhooks by HTTP at fixed rates; the latency is from a body's last byte to its decision being fetched by an
independent consumer. The bare path (plain fastify, kafkajs and pg; three Kafka hops, two transactions with inbox and
append, two reads of the write-ahead log) is measured in the same run on the same stack.

  --quick          about two minutes: shorter runs, no ramp, fewer customers
  --seconds N      length of one measurement (default 20); ramps confirm their result with 30 s
  --rates A,B      rates per second (default 50,500,1000)
  --rounds N       rounds bare/Towpath at the first rate (default 2)
  --history N      customers whose history is loaded (default 100000)
  --only SIDE      bare or towpath
  --skip-ramp      don't look for the highest rate
  --skip-effects   don't measure effects
  --profile DIR    write CPU profiles of the services at each rate after the first, and print where the time goes
  --node-options=X Node's options for Towpath's services, instead of the local stack's
  --json           progress goes to stderr, so that stdout holds the BENCH line alone`;

/** What to do, from the options. Throws a USAGE error for a value that makes no sense. */
export function planOf(values) {
  const quick = values.quick ?? false;
  const number = (name, otherwise) => numberFrom(name, values[name], otherwise);
  const rates = (values.rates ?? '50,500,1000').split(',').map((text) => numberFrom('rates', text));
  if (values.only !== undefined && !['bare', 'towpath'].includes(values.only)) {
    throw new Error(`USAGE: --only is '${values.only}'; give bare or towpath.`);
  }
  return {
    json: values.json ?? false,
    seconds: number('seconds', quick ? 8 : 20),
    rounds: number('rounds', quick ? 1 : 2),
    history: number('history', quick ? 20_000 : 100_000),
    rates,
    sides: values.only === undefined ? ['bare', 'towpath'] : [values.only],
    ramp: !(values['skip-ramp'] ?? quick),
    rampSeconds: 30,
    effects: !values['skip-effects'] && values.only !== 'bare',
    effectRates: quick ? [100] : [100, 200, 400],
    profile: values.profile,
    nodeOptions: values['node-options'],
    minutesMax: 15,
  };
}

function numberFrom(name, text, otherwise) {
  if (text === undefined) return otherwise;
  if (!/^\d{1,7}$/.test(text)) throw new Error(`USAGE: --${name} has '${text}'; give whole numbers.`);
  return Number(text);
}
