import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, chooseStack, everStarted, install, pinnedNode, toolEnvironment } from './bootstrap/prepare.mjs';
import { report, run } from './bootstrap/steps.mjs';

/**
 * The way in on a fresh clone: `node infra/stack/bootstrap.mjs up|down|reset|build|test|bench|faults|sagas [--stack local|docker] [arguments]`.
 * Runs on the host's Node 20 or newer without node_modules; hands over to the pinned Node when all is there.
 */
// Not import.meta.dirname: an old Node must get as far as the message that names what it lacks.
const repository = fileURLToPath(new URL('../..', import.meta.url));
const cliProgram = join(repository, 'packages', 'cli', 'dist', 'main.js');
const verbs = { up: cli, down: stopOnly, reset: stopOnly, build: buildOnly, test, bench, faults, sagas };

async function main() {
  const [verb = '', ...rest] = process.argv.slice(2);
  const action = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!action)
    throw new Error(
      `USAGE: node infra/stack/bootstrap.mjs ${Object.keys(verbs).join('|')} [--stack local|docker] [arguments]`,
    );
  process.chdir(repository);
  return action(verb, takeStackOption(rest));
}

async function prepared({ asked }) {
  const stack = await chooseStack(asked);
  await install(repository);
  await build(repository);
  return stack;
}

async function cli(verb, request) {
  const stack = await prepared(request);
  return node([cliProgram, verb, '--stack', stack, ...request.rest], { TOWPATH_STACK: stack });
}

async function stopOnly(verb, request) {
  if (!everStarted(repository)) {
    report('nothing was started here');
    return 0;
  }
  // What is built can stop what it started, even while the sources are being changed.
  if (!existsSync(cliProgram)) {
    await install(repository);
    await build(repository);
  }
  return node([cliProgram, verb, ...request.rest]);
}

async function buildOnly(_verb, request) {
  await prepared(request);
  return 0;
}

async function bench(_verb, request) {
  const stack = await prepared(request);
  return node([join('bench', 'main.mjs'), ...request.rest], { TOWPATH_STACK: stack });
}

async function faults(_verb, request) {
  const stack = await prepared(request);
  // kafkajs gives itself other patience under NODE_ENV=test; what is broken here is what runs in production.
  return node([join('test', 'faults', 'main.mjs'), ...request.rest], { TOWPATH_STACK: stack, NODE_ENV: 'production' });
}

async function sagas(_verb, request) {
  const stack = await prepared(request);
  return node([join('test', 'sagas', 'main.mjs'), ...request.rest], { TOWPATH_STACK: stack, NODE_ENV: 'production' });
}

/**
 * Runs Jest. In CI the suites that failed are run once more, alone: on a busy machine a time-out is no broken guarantee. A suite
 * that fails twice fails the run; one that passes then is named as unsteady, for it needs mending all the same.
 */
async function test(_verb, request) {
  const stack = await prepared(request);
  const first = await jest(stack, request.rest);
  const again = process.env['CI'] && first.code !== 0 && first.suites.length > 0 && first.suites.length <= UNSTEADY_MAX;
  if (!again) return told(first);
  console.log(`once more, alone:\n${first.suites.join('\n')}`);
  const second = await jest(stack, ['--runInBand', '--runTestsByPath', ...first.suites]);
  for (const suite of first.suites.filter((one) => !second.suites.includes(one))) console.log(`UNSTEADY ${suite}`);
  return told({ ...second, passed: first.passed - first.passedInFailed + second.passed });
}

/** More than so many are no accident. */
const UNSTEADY_MAX = 5;

async function jest(stack, options) {
  let result = { passed: 0, failed: 1, passedInFailed: 0, suites: [] }; // Jest that ends without a word has failed
  const reporters = [
    '--reporters=default',
    `--reporters=${join(repository, 'infra', 'stack', 'bootstrap', 'count-reporter.mjs')}`,
  ];
  const environment = {
    TOWPATH_STACK: stack,
    NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
  };
  const program = [join('node_modules', 'jest', 'bin', 'jest.js'), ...reporters, ...options];
  const code = await node(program, environment, (message) => {
    result = message;
  });
  return { ...result, code };
}

function told({ passed, failed, code }) {
  console.log(`${passed} passed, ${failed} failed`);
  return code;
}

function node(options, environment = {}, onMessage) {
  // The program that takes over reports its times from the very beginning.
  const startedAt = { TOWPATH_STARTED_AT: String(Math.round(performance.timeOrigin)) };
  const env = { ...toolEnvironment(repository), ...startedAt, ...environment };
  return run(pinnedNode(repository), options, { env, ...(onMessage ? { onMessage } : {}) });
}

/** Takes `--stack X` out of the arguments; without it TOWPATH_STACK counts. */
function takeStackOption(options) {
  const rest = [...options];
  const at = rest.findIndex((option) => option === '--stack' || option.startsWith('--stack='));
  if (at === -1) return { asked: process.env['TOWPATH_STACK'] || undefined, rest };
  const [option = ''] = rest.splice(at, 1);
  const asked = option.includes('=') ? option.slice('--stack='.length) : rest.splice(at, 1)[0];
  return { asked: asked ?? '', rest };
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
