import { readFileSync, readdirSync } from 'node:fs';

const EVERY_MS = 2_000;
const RESIDENT_BYTES_MAX = 512 * 1024 ** 2;
const DESCRIPTORS_MAX = 1_000;
/** What Postgres may keep for the relay before it gives the slot up (`max_slot_wal_keep_size`). */
const WAL_BYTES_MAX = 1024 ** 3;
const SENDER_BYTES_MAX = 1024 ** 3;

/** I7: samples memory, open files and the write-ahead log kept for the relay while the faults run. */
export class Bounds {
  #highest = new Map();
  #timer;
  #sampling = Promise.resolve();
  #samples = 0;

  constructor(world) {
    this.world = world;
  }

  start() {
    this.#timer = setInterval(() => (this.#sampling = this.#sample()), EVERY_MS);
  }

  async stop() {
    clearInterval(this.#timer);
    await this.#sampling;
    const samples = [...this.#highest]
      .filter(([, { value, max }]) => value > max)
      .map(([name, { value, max }]) => `${name} was ${value}, allowed ${max}`);
    const invariant = `I7 memory, files and WAL stay bounded (${this.#told()})`;
    return { invariant, checked: this.#samples, violations: samples.length, samples };
  }

  async #sample() {
    this.#samples += 1;
    for (const [name, { pid }] of this.world.platform.services) {
      if (pid === undefined) continue;
      this.#see(`${name} memory`, residentBytes(pid), RESIDENT_BYTES_MAX);
      this.#see(`${name} open files`, descriptors(pid), DESCRIPTORS_MAX);
    }
    this.#see('sender memory', process.memoryUsage.rss(), SENDER_BYTES_MAX);
    const slots = await this.world.inspector
      .query(
        'select max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::float8 as kept from pg_replication_slots',
        [],
      )
      .catch(() => []); // the database is one of the things that are killed
    this.#see('WAL kept', slots[0]?.kept ?? 0, WAL_BYTES_MAX);
  }

  #see(name, value, max) {
    if (value > (this.#highest.get(name)?.value ?? -1)) this.#highest.set(name, { value, max });
  }

  #told() {
    const of = (part) =>
      Math.max(0, ...[...this.#highest].filter(([name]) => name.endsWith(part)).map(([, { value }]) => value));
    const mebibytes = (bytes) => `${Math.round(bytes / 1024 ** 2)} MiB`;
    return `highest: service ${mebibytes(of(' memory'))}, files ${of('open files')}, WAL ${mebibytes(of('WAL kept'))}`;
  }
}

function residentBytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // ended meanwhile
  }
}

function descriptors(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0; // ended meanwhile
  }
}
