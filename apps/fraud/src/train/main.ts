import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runTrain } from './run-train.js';
import { asModule } from './as-module.js';

const HELP = `Learns the fraud score from a file of labelled card payments.

usage: npm run train -w apps/fraud -- --data FILE --out FILE [--test-days N] [--warm-up-days N]

  --data FILE         csv or csv.gz with the columns time_s,customer,terminal,amount,fraud, in time order
  --out FILE          where the weights go: a .ts file as apps/fraud/src/weights.ts, anything else as JSON for
                      npm run eval -w apps/fraud -- --weights FILE
  --test-days N       the last N days teach nothing, so that eval may judge them (20)
  --warm-up-days N    the first N days only build history (28)
  --help              this text

The same file gives the same weights. Labels come 7 days late, as in eval. The last line is
TRAIN {"task":"fraud","version":…,"rows":…,"frauds":…}

example: npm run train -w apps/fraud -- --data transactions.csv.gz --out apps/fraud/src/weights.ts
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        out: { type: 'string' },
        'test-days': { type: 'string', default: '20' },
        'warm-up-days': { type: 'string', default: '28' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const testDays = Number(values['test-days']);
    const warmUpDays = Number(values['warm-up-days']);
    const problems = [
      ...(values.data ? [] : ['--data FILE is missing']),
      ...(values.out ? [] : ['--out FILE is missing']),
      ...([testDays, warmUpDays].every((days) => Number.isInteger(days) && days >= 0)
        ? []
        : ['--test-days and --warm-up-days are whole numbers of at least 0']),
    ];
    if (problems.length > 0) return refuse(problems.join('; '));
    const out = fromCaller(values.out!);
    const score = await runTrain({ data: fromCaller(values.data!), testDays, warmUpDays, progress });
    writeFileSync(out, out.endsWith('.ts') ? asModule(score) : `${JSON.stringify(score, undefined, 2)}\n`);
    const { version, trained } = score;
    const summary = { task: 'fraud', version, rows: trained.rows, frauds: trained.frauds };
    process.stdout.write(`weights ${version} written to ${out}\nTRAIN ${JSON.stringify(summary)}\n`);
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
  process.stderr.write(`train: ${problem}\nSee npm run train -w apps/fraud -- --help\n`);
  return 1;
}

function progress(rows: number): void {
  process.stderr.write(`${rows.toLocaleString('en')} payments\n`);
}
