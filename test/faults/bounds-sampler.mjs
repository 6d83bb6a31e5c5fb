import { readFileSync, readdirSync } from 'node:fs';
import { Bounds } from '@towpath/testing/checker/bounds';

const EVERY_MS = 2_000;
const RESIDENT_BYTES_MAX = 512 * 1024 ** 2;
const DESCRIPTORS_MAX = 1_000;
/** What Postgres may keep for the relay before it gives the slot up (`max_slot_wal_keep_size`). */
const WAL_BYTES_MAX = 1024 ** 3;
const SENDER_BYTES_MAX = 1024 ** 3;

/** Samples memory, open files and the write-ahead log kept for the relay while the faults run; the checker decides I7. */
export class BoundsSampler {
  #bounds = new Bounds();
  #timer;
  #sampling = Promise.resolve();

  constructor(world) {
    this.world = world;
  }

  start() {
    this.#timer = setInterval(() => (this.#sampling = this.#sample()), EVERY_MS);
  }

  async stop() {
    clearInterval(this.#timer);
    await this.#sampling;
    return this.#bounds;
  }

  async #sample() {
    const bounds = this.#bounds;
    for (const [name, { pid }] of this.world.platform.services) {
      if (pid === undefined) continue;
      bounds.sample(`${name} memory`, residentBytes(pid), RESIDENT_BYTES_MAX);
      bounds.sample(`${name} open files`, descriptors(pid), DESCRIPTORS_MAX);
    }
    bounds.sample('sender', process.memoryUsage.rss(), SENDER_BYTES_MAX);
    const slots = await this.world.inspector
      .query(
        'select max(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn))::float8 as kept from pg_replication_slots',
        [],
      )
      .catch(() => []); // the database is one of the things that are killed
    bounds.sample('WAL kept', slots[0]?.kept ?? 0, WAL_BYTES_MAX);
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
