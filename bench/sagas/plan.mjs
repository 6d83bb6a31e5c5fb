/** Options of the benchmark, as `parseArgs` takes them. */
export const optionsOf = {
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  sagas: { type: 'string' },
  within: { type: 'string' },
  'peer-sagas': { type: 'string' },
  concurrency: { type: 'string' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  profile: { type: 'string' },
  'node-options': { type: 'string' },
};

const SIDES = ['towpath', 'dbos', 'restate', 'dbos-local', 'restate-local'];

export const help = `Usage: npm run bench -- sagas [options]

Sagas of three steps with compensation, every tenth refused at its last step and undone in reverse. Towpath runs them on
real Kafka, registry and Postgres: each command and each answer is an event in a store, relayed to a topic; the participant
is a service of its own that answers at once and keeps what it did. DBOS (on the same Postgres) and Restate (its own log) run
the same sagas: once with a participant of its own, a workflow or a service that keeps what it did, as Towpath's does; and
once, as -local, with functions in the saga's own process, of which nobody but the saga keeps anything. All of them are
synced. The sides take turns; whoever is not measured is stopped.
Every saga's end is checked, and that each step was done, refused or undone exactly once.

  --quick            3,000 sagas and one round, about two minutes
  --sagas N          sagas that Towpath gets in each round (default 10000)
  --within N         seconds within which they are asked for, evenly (default 2; all are to have begun after 10)
  --peer-sagas N     sagas that each peer gets in each round (default 3000)
  --concurrency A,B  sagas that a peer has under way at once; its figure is that of the best (default 16,64,256)
  --rounds N         rounds over the sides (default 2); the figures are medians over them
  --only SIDES       some of ${SIDES.join(', ')} with commas between; the BENCH line then holds these alone
  --profile DIR      write CPU profiles of Towpath's services, and print where the time goes
  --node-options=X   Node's options for Towpath's services, instead of the local stack's
  --json             progress goes to stderr, so that stdout holds the BENCH line alone`;

/** What to do, from the options. Throws a USAGE error for a value that makes no sense. */
export function planOf(values) {
  const quick = values.quick ?? false;
  const number = (name, otherwise) => numberFrom(name, values[name], otherwise);
  return {
    json: values.json ?? false,
    sagas: number('sagas', quick ? 3_000 : 10_000),
    withinSeconds: number('within', quick ? 1 : 2),
    peerSagas: number('peer-sagas', quick ? 1_500 : 3_000),
    concurrencies: (values.concurrency ?? '16,64,256').split(',').map((text) => numberFrom('concurrency', text)),
    rounds: number('rounds', quick ? 1 : 2),
    sides: sidesFrom(values.only),
    profile: values.profile,
    nodeOptions: values['node-options'],
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
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`USAGE: --${name} is '${text}'; give a whole number from 1.`);
  return Number(text);
}
