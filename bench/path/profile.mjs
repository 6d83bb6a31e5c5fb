import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = 25;
const repository = resolve(import.meta.dirname, '../..');

/** Runs the services with CPU profiles at each rate and prints the functions that take most of the time themselves. */
export async function profilesOf({
  folder,
  nodeOptions = '--max-semi-space-size=64',
  side,
  rates,
  warmUp,
  measureAt,
  report,
}) {
  for (const rate of rates) {
    const folderOf = (name) => join(resolve(folder), `${name}-${rate}`);
    await side.stop();
    await side.start((name) => {
      mkdirSync(folderOf(name), { recursive: true });
      return {
        NODE_OPTIONS: `${nodeOptions} --cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${folderOf(name)}`,
      };
    });
    await warmUp();
    const from = hrtimeMicros();
    await measureAt(rate);
    const to = hrtimeMicros();
    const names = Object.keys(side.pids()).filter((name) => name !== 'kafka' && name !== 'postgres');
    await side.stop();
    for (const name of names) report(`${name} at ${rate}/s\n${summaryOf(folderOf(name), { from, to })}`);
  }
}

/** The clock that profiles are stamped with. */
function hrtimeMicros() {
  return Number(process.hrtime.bigint() / 1000n);
}

/** The functions with most self time between two times of the newest profile in a folder, as lines. */
export function summaryOf(folder, { from = 0, to = Infinity } = {}) {
  const file = readdirSync(folder)
    .filter((name) => name.endsWith('.cpuprofile'))
    .sort()
    .at(-1);
  if (file === undefined) return '  no profile was written';
  const { nodes, samples, startTime, timeDeltas } = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const self = new Map();
  let busy = 0;
  let time = startTime;
  samples.forEach((id, index) => {
    const frame = byId.get(id);
    const micros = timeDeltas[index];
    time += micros;
    if (frame.functionName === '(idle)' || time < from || time > to) return;
    busy += micros;
    const name = nameOf(frame);
    self.set(name, (self.get(name) ?? 0) + micros);
  });
  const top = [...self].sort(([, a], [, b]) => b - a).slice(0, TOP);
  const lines = top.map(([name, micros]) => `  ${((100 * micros) / busy).toFixed(1).padStart(5)} %  ${name}`);
  return `  ${(busy / 1e6).toFixed(2)} s busy\n${lines.join('\n')}`;
}

function nameOf({ functionName, url, lineNumber }) {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const place = path.startsWith(repository) ? path.slice(repository.length + 1) : path;
  return `${functionName || '(anonymous)'} ${place}${url ? `:${lineNumber + 1}` : ''}`;
}
