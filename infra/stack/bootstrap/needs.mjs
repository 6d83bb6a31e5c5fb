import { execFile } from 'node:child_process';

/**
 * What each way of running the stack needs from the host, and the packages that bring it.
 * `version` finds the version in what `line` prints.
 */
const tools = {
  java: {
    label: 'Java 17 or newer',
    least: [17],
    version: /version "(\d+(?:\.\d+)*)/,
    line: ['java', '-version'],
    apt: 'openjdk-17-jre-headless',
    brew: 'openjdk@17',
  },
  maven: {
    label: 'Maven 3.6.3 or newer',
    least: [3, 6, 3],
    version: /Apache Maven (\d+(?:\.\d+)*)/,
    line: ['mvn', '-v'],
    apt: 'maven',
    brew: 'maven',
  },
  pip: {
    label: 'Python 3.10 or newer with pip',
    least: [3, 10],
    version: /\(python (\d+(?:\.\d+)*)/,
    line: ['python3', '-m', 'pip', '--version'],
    apt: 'python3 python3-pip',
    brew: 'python@3.13',
  },
  compose: {
    label: 'Docker with compose',
    least: [2],
    version: /version v?(\d+(?:\.\d+)*)/,
    line: ['docker', 'compose', 'version'],
    apt: 'docker.io docker-compose-v2',
    brew: '--cask docker',
  },
};
const neededBy = { local: ['java', 'maven', 'pip'], docker: ['compose'] };

/**
 * Chooses how the stack runs: the asked way, else local when its needs are there, else Docker.
 * @param {'local' | 'docker' | undefined} asked
 * @param {(line: readonly string[]) => Promise<string | undefined>} outputOf what a command prints; undefined when it can't be run
 * @param {string} nodeVersion such as '20.11.0'
 * @returns {Promise<{ stack: 'local' | 'docker', missing: readonly Need[] }>} `missing` is empty when all is there
 * @typedef {{ label: string, found: string | undefined, apt: string, brew: string }} Need
 */
export async function examineHost(asked, outputOf, nodeVersion) {
  const node = tooOld(nodeVersion, [20])
    ? [{ label: 'Node 20 or newer', found: nodeVersion, apt: 'nodejs', brew: 'node' }]
    : [];
  const missingFor = async (stack) =>
    (await Promise.all(neededBy[stack].map((name) => examine(tools[name], outputOf)))).flat();
  if (asked) return { stack: asked, missing: [...node, ...(await missingFor(asked))] };
  const local = await missingFor('local');
  if (local.length === 0) return { stack: 'local', missing: node };
  const docker = await missingFor('docker');
  return docker.length === 0 ? { stack: 'docker', missing: node } : { stack: 'local', missing: [...node, ...local] };
}

/** The message that names everything missing at once, with the command that installs it. */
export function describeMissing({ stack, missing }) {
  const lines = missing.map(({ label, found }) => `  - ${label} (${found ? `found ${found}` : 'not found'})`);
  const apt = missing.map((need) => need.apt).join(' ');
  const brew = missing.map((need) => `brew install ${need.brew}`).join(' && ');
  const way =
    stack === 'local'
      ? "Or install Docker with compose and use '--stack docker'."
      : "Or use '--stack local' (Java, Maven, Python).";
  const commands = [`  Debian, Ubuntu: sudo apt-get install -y ${apt}`, `  macOS: ${brew}`];
  return ['NEEDS_MISSING: this machine lacks:', ...lines, 'Install it:', ...commands, way].join('\n');
}

/** Runs a command and answers all it printed; undefined when it is absent or fails. */
export function outputOf([program, ...options]) {
  return new Promise((resolve) => {
    execFile(program, options, { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve(error ? undefined : `${stdout}\n${stderr}`),
    );
  });
}

async function examine({ label, least, version, line, apt, brew }, output) {
  const found = version.exec((await output(line)) ?? '')?.[1];
  return found === undefined || tooOld(found, least) ? [{ label, found, apt, brew }] : [];
}

function tooOld(version, least) {
  const parts = version.split('.').map(Number);
  for (const [index, wanted] of least.entries()) {
    if ((parts[index] ?? 0) !== wanted) return (parts[index] ?? 0) < wanted;
  }
  return false;
}
