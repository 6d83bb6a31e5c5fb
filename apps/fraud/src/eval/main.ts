import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { RULES, rulesWith, type Rules } from '../rules.js';
import { weightsIn } from './weights-in.js';
import { runEval, type EvalResult } from './run-eval.js';
import type { AtThreshold } from './ranking.js';

const HELP = `Measures the fraud rules on a file of labelled card payments.

usage: npm run eval -w apps/fraud -- --data FILE --test-days N --out DIR [--weights FILE]

  --data FILE      csv or csv.gz with the columns time_s,customer,terminal,amount,fraud, in time order
  --test-days N    judge the last N days; the days before only build history
  --out DIR        where scores.csv (row,score,label of each judged payment) is written; row is its line in FILE
  --weights FILE   JSON of npm run train to judge by; without it the weights of the service
  --help           this text

Every payment is scored by what was known before it; a fraud becomes known 7 days after its payment. Microseconds are those of
the processor. The last line is
EVAL {"task":"fraud","aucPr":…,"precisionAtRecall60":…,"microsPerPayment":…}

example: npm run eval -w apps/fraud -- --data transactions.csv.gz --test-days 14 --out /tmp/fraud-eval
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        'test-days': { type: 'string' },
        out: { type: 'string' },
        weights: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const testDays = Number(values['test-days']);
    const problems = [
      ...(values.data ? [] : ['--data FILE is missing']),
      ...(values.out ? [] : ['--out DIR is missing']),
      ...(Number.isInteger(testDays) && testDays > 0 ? [] : ['--test-days N must be a whole number of at least 1']),
    ];
    if (problems.length > 0) return refuse(problems.join('; '));
    const rules = values.weights ? rulesWith(weightsIn(fromCaller(values.weights))) : RULES;
    const options = { data: fromCaller(values.data!), testDays, out: fromCaller(values.out!), rules, progress };
    print(await runEval(options), rules);
    return 0;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** npm runs scripts in the package's folder; paths are meant from where it was called. */
function fromCaller(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', path);
}

function refuse(problem: string): number {
  process.stderr.write(`eval: ${problem}\nSee npm run eval -w apps/fraud -- --help\n`);
  return 1;
}

function progress(rows: number): void {
  process.stderr.write(`${rows.toLocaleString('en')} payments\n`);
}

function print(result: EvalResult, rules: Rules): void {
  const line = (name: string, at: AtThreshold): string =>
    `${name}: precision ${rounded(at.precision)}, recall ${rounded(at.recall)}, ` +
    `${rounded((1000 * at.alerts) / result.testRows)} alerts per 1,000`;
  const { aucPr, precisionAtRecall60, microsPerPayment } = result;
  const summary = {
    task: 'fraud',
    aucPr: rounded(aucPr),
    precisionAtRecall60: rounded(precisionAtRecall60),
    microsPerPayment: rounded(microsPerPayment),
  };
  process.stdout.write(
    [
      `rules ${rules.version}; ${result.rows} payments replayed, ${result.testRows} judged, ${result.testFrauds} frauds`,
      line(`held or blocked (score ≥ ${RULES.outcome.hold})`, result.held),
      line(`blocked (score ≥ ${RULES.outcome.block})`, result.blocked),
      `AUC-PR ${rounded(aucPr)}, precision at recall 0.6: ${rounded(precisionAtRecall60)}`,
      `${rounded(microsPerPayment)} µs of the processor per payment; scores in ${result.scoresFile}`,
      `EVAL ${JSON.stringify(summary)}`,
      '',
    ].join('\n'),
  );
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Math.round(value * 10_000) / 10_000 : null;
}
