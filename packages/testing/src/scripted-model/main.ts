import { readFileSync } from 'node:fs';
import { BEHAVIOURS, type Behaviour } from './behaviours.js';
import { ScriptedModel } from './server.js';

/**
 * The scripted model as a program: `node …/scripted-model/main.js [behaviour] [port] [answers.json]`. The file holds the right
 * answers by name of the schema. It ends with SIGTERM.
 */
const [behaviour = 'good', port = '18095', answersFile] = process.argv.slice(2);
if (!BEHAVIOURS.includes(behaviour as Behaviour)) {
  process.stderr.write(`USAGE: the behaviour is one of ${BEHAVIOURS.join(', ')}\n`);
  process.exit(2);
}
const model = await ScriptedModel.start(Number(port));
model.behave(behaviour as Behaviour);
if (answersFile !== undefined) {
  const answers = JSON.parse(readFileSync(answersFile, 'utf8')) as Record<string, unknown>;
  for (const [name, answer] of Object.entries(answers)) model.script(name, () => answer);
}
process.stdout.write(`${behaviour} model at ${model.baseUrl}\n`);
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void model.stop().then(() => process.exit(0)));
