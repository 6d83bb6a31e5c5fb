import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** Linux counts in hundredths of a second. */
const MICROS_PER_TICK = 10_000;

/** What processes took of the processors since this was made. Reads /proc; where there is none, it knows nothing. */
export class ProcessorTime {
  #startedAt = performance.now();

  /** `pids`: process id by name; for `postgres` the server's, whose children are counted with it. */
  constructor(pids) {
    this.pids = pids;
    this.before = this.#now();
  }

  /** Microseconds per delivery by process, and the share of the machine that was busy, 0 to 1. */
  perDelivery(deliveries) {
    const after = this.#now();
    const micros = Object.entries(after.byName).map(([name, ticks]) => [
      name,
      Math.round(((ticks - (this.before.byName[name] ?? 0)) * MICROS_PER_TICK) / deliveries),
    ]);
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const busy = ((after.busy - this.before.busy) * MICROS_PER_TICK) / 1e6 / seconds / cpus().length;
    return { microsPerDelivery: Object.fromEntries(micros), machineBusy: Math.round(busy * 100) / 100 };
  }

  #now() {
    const byName = Object.fromEntries(Object.entries(this.pids).map(([name, pid]) => [name, ticksOf(pid)]));
    if (this.pids['postgres'] !== undefined) {
      for (const pid of childrenOf(this.pids['postgres'])) {
        const name = isWalSender(pid) ? 'walsender' : 'postgres';
        byName[name] = (byName[name] ?? 0) + ticksOf(pid);
      }
    }
    byName['load'] = Math.round((process.cpuUsage().user + process.cpuUsage().system) / MICROS_PER_TICK);
    return { byName, busy: busyTicks() };
  }
}

function ticksOf(pid) {
  const fields = statOf(pid);
  return fields === undefined ? 0 : Number(fields[11]) + Number(fields[12]);
}

/** The fields of /proc/<pid>/stat from the third on: the second, the command, may hold spaces. */
function statOf(pid) {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function childrenOf(parent) {
  return processIds().filter((pid) => statOf(pid)?.[1] === String(parent));
}

function isWalSender(pid) {
  return read(`/proc/${pid}/cmdline`)?.includes('walsender') ?? false;
}

function processIds() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function busyTicks() {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = (read('/proc/stat') ?? '')
    .split('\n', 1)[0]
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return user + nice + system + irq + softIrq;
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
