import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { buildFingerprint, installFingerprint, isBuilt, isMarked, mark } from './fresh.mjs';
import { describeMissing, examineHost, outputOf } from './needs.mjs';
import { report, run } from './steps.mjs';

/** The environment of everything that is started: tools of the repository first, nothing that calls home. */
export function toolEnvironment(repository) {
  const path = [join(repository, 'node_modules', '.bin'), process.env['PATH']].join(delimiter);
  const quiet = {
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    NO_UPDATE_NOTIFIER: '1',
  };
  return { ...process.env, ...quiet, NPM_CONFIG_UPDATE_NOTIFIER: 'false', PATH: path };
}

/** Checks the host and answers how the stack runs; throws a message that names everything missing. */
export async function chooseStack(asked) {
  if (asked !== undefined && asked !== 'local' && asked !== 'docker') {
    throw new Error(`STACK_UNKNOWN: '--stack ${asked}' is neither local nor docker.`);
  }
  const host = await examineHost(asked, outputOf, process.versions.node);
  if (host.missing.length > 0) throw new Error(describeMissing(host));
  report(`host has what the ${host.stack} stack needs`);
  return host.stack;
}

/** Installs the dependencies unless those of this lock file are there. */
export async function install(repository) {
  const marker = join(repository, 'node_modules', '.towpath-lock');
  const wanted = installFingerprint(repository);
  if (isMarked(marker, wanted)) return report('dependencies are there');
  report('installing dependencies (npm ci) …');
  const options = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  if ((await run('npm', options, { env: toolEnvironment(repository) })) !== 0) {
    throw new Error('INSTALL_FAILED: npm ci failed, see above; check the network and the registry settings of npm.');
  }
  mark(marker, wanted);
  report('dependencies installed');
}

/** Builds the workspaces unless these sources are built. */
export async function build(repository) {
  const marker = join(repository, 'node_modules', '.towpath-build');
  const wanted = buildFingerprint(repository);
  if (isMarked(marker, wanted) && isBuilt(repository)) return report('build is up to date');
  report('building (turbo) …');
  const turbo = join(repository, 'node_modules', '.bin', 'turbo');
  const options = ['run', 'build', '--output-logs=errors-only'];
  if ((await run(turbo, options, { env: toolEnvironment(repository) })) !== 0) {
    throw new Error('BUILD_FAILED: the build failed, see above.');
  }
  mark(marker, wanted);
  report('built');
}

/** The pinned Node, which runs everything after the bootstrap. */
export function pinnedNode(repository) {
  return join(repository, 'node_modules', '.bin', 'node');
}

/** Whether there is anything that `down` or `reset` could act on. */
export function everStarted(repository) {
  return existsSync(join(repository, '.towpath'));
}
