import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { fromCaller, progressLines, seedIn } from './command-line.js';
import { readExamples } from './examples-file.js';
import { saveModel } from './model-file.js';
import { trainModel } from './train.js';

const HELP = `Learns a model of intents from examples, for TRIAGE_MODEL_FILE.

usage: npm run train -w apps/triage -- --data FILE [--out FILE] [--name NAME] [--seed N]

  --data FILE      jsonl or jsonl.gz, one {"text", "intent"} a line; optionally "queue" (billing, technical, account, fraud,
                   general). The intent oos is for messages that belong to none
  --out FILE       where the model is written, gzipped when it ends in .gz; default: intents.model.json.gz
  --name NAME      stands in the version that each decision records; default: the data's file name
  --seed N         default 1; the same data and seed give the same model
  --help           this text

example: npm run train -w apps/triage -- --data tickets.jsonl.gz --out tickets.model.json.gz
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const option = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: { data: option, out: option, name: option, seed: option, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      process.stdout.write(HELP);
      return 0;
    }
    if (!values.data) return refuse('--data FILE is missing');
    const seed = seedIn(values.seed);
    const name = (values.name ?? basename(values.data).replace(/\.jsonl?(\.gz)?$/, '')).slice(0, 64);
    const examples = await readExamples(fromCaller(values.data));
    const begun = performance.now();
    const model = trainModel(examples, { name, seed, onProgress: progressLines() });
    const out = fromCaller(values.out ?? 'intents.model.json.gz');
    saveModel(model, out);
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    const { vocabulary } = model.data;
    process.stdout.write(
      `${model.version}: ${model.intents.length} intents of ${examples.length} examples, ${vocabulary.slots.length} features, ` +
        `seed ${seed}, ${seconds} s; written to ${out}\n`,
    );
    return 0;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(problem: string): number {
  process.stderr.write(`train: ${problem}\nSee npm run train -w apps/triage -- --help\n`);
  return 1;
}
