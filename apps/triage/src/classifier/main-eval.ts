import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromCaller, progressLines, seedIn } from './command-line.js';
import { partsOf } from './data-parts.js';
import { answersOf, evaluationOf, microsOf, type Answer, type Evaluation } from './evaluate.js';
import { readExamples } from './examples-file.js';
import { trainModel } from './train.js';

const HELP = `Learns a model of intents from one part of the examples and asks it about another.

usage: npm run eval -w apps/triage -- --train FILE [--test FILE] --out DIR [--seed N]

  --train FILE     jsonl or jsonl.gz, one {"text", "intent"} a line, optionally "split"; the intent oos is out of scope
  --test FILE      the same form. Left out, or the same file: the splits of the file that are not named train, or else a random
                   fifth of each intent
  --out DIR        where answers.jsonl (each message with the answer) and eval.json are written
  --seed N         default 1: for the split and the learning
  --help           this text

The last line is EVAL {"task":"intents","accuracy":…,"oosAuroc":…,"microsPerMessage":…}; accuracy is of the messages in scope,
oosAuroc is null when the test has no message out of scope.

example: npm run eval -w apps/triage -- --train tickets.jsonl.gz --out /tmp/intents-eval
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const option = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { train: option, test: option, out: option, seed: option, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    const problems = [
      ...(values.train ? [] : ['--train FILE is missing']),
      ...(values.out ? [] : ['--out DIR is missing']),
    ];
    if (problems.length > 0) return refuse(problems.join('; '));
    await evaluate(fromCaller(values.train!), values.test && fromCaller(values.test), values.out!, seedIn(values.seed));
    return 0;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

async function evaluate(trainFile: string, testFile: string | undefined, out: string, seed: number): Promise<void> {
  const known = await readExamples(trainFile);
  const asked = testFile === undefined || testFile === trainFile ? null : await readExamples(testFile);
  const { train, test, how } = partsOf(known, asked, seed);
  const begun = performance.now();
  const model = trainModel(train, { name: 'eval', seed, onProgress: progressLines() });
  const seconds = (performance.now() - begun) / 1_000;
  const answers = answersOf(model, test);
  const evaluation = evaluationOf(answers, microsOf(model, test));
  write(fromCaller(out), answers, evaluation);
  const { accuracy, oosAuroc, microsPerMessage, calibrationError, calledOutOfScope } = evaluation;
  const summary = {
    task: 'intents',
    accuracy: rounded(accuracy),
    oosAuroc: rounded(oosAuroc),
    microsPerMessage: rounded(microsPerMessage),
  };
  process.stdout.write(
    [
      `seed ${seed}; ${train.length} examples to learn from, ${test.length} to answer (${how}); learned in ${seconds.toFixed(1)} s`,
      `model ${model.version}: ${model.intents.length} intents, ${model.data.vocabulary.slots.length} features`,
      `calibration error ${rounded(calibrationError)}; called out of scope: ${rounded(calledOutOfScope.inScope)} of the messages ` +
        `in scope, ${rounded(calledOutOfScope.outOfScope)} of the others`,
      `answers in ${join(out, 'answers.jsonl')}`,
      `EVAL ${JSON.stringify(summary)}`,
      '',
    ].join('\n'),
  );
}

function write(folder: string, answers: readonly Answer[], evaluation: Evaluation): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'answers.jsonl'), answers.map((answer) => `${JSON.stringify(answer)}\n`).join(''));
  writeFileSync(join(folder, 'eval.json'), `${JSON.stringify(evaluation, null, 2)}\n`);
}

function refuse(problem: string): number {
  process.stderr.write(`eval: ${problem}\nSee npm run eval -w apps/triage -- --help\n`);
  return 1;
}

function rounded(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? Math.round(value * 10_000) / 10_000 : null;
}
