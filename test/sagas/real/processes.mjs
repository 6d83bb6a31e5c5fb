import { setTimeout as delay } from 'node:timers/promises';

const RESTART_PATIENCE_MS = 60_000;
/** Shorter than a message takes from one store to the next. */
const SAME_MOMENT_MS = 4;
/** How long a process stands before its death, so that one death meets as many as there are. */
const GATHERED_MS = 600;

/** The processes of a stack, which are stopped, killed and brought back by signal. */
export class Processes {
  #dying = new Set();
  #restarting = new Map();
  #killedAt = new Map();
  #held = new Map();

  /** @param track takes the promise of what goes on by itself */
  constructor(stack, track) {
    Object.assign(this, { stack, track });
  }

  /** It stands still at once and never goes on. True for whoever comes before it until it is dead; false when it is dead already. */
  killBeforeItActs(name) {
    if (this.#dying.has(name)) return true;
    if (this.#restarting.has(name) || !this.stack.service(name).signal('SIGSTOP')) return false;
    this.#dying.add(name);
    const died = delay(GATHERED_MS).then(() => {
      this.#dying.delete(name);
      this.#kill(name);
    });
    this.track(died);
    return true;
  }

  /** It dies at once. True, too, for what it did in the moment of its death; false when it is dead already. */
  killAfterItActed(name) {
    if (this.#restarting.has(name)) return performance.now() - this.#killedAt.get(name) < SAME_MOMENT_MS;
    return this.#kill(name);
  }

  #kill(name) {
    if (this.#restarting.has(name) || !this.stack.service(name).signal('SIGKILL')) return false;
    this.#killedAt.set(name, performance.now());
    const restarted = this.#restart(name).finally(() => this.#restarting.delete(name));
    this.#restarting.set(name, restarted);
    this.track(restarted);
    return true;
  }

  async #restart(name) {
    const service = this.stack.service(name);
    while (service.alive) await delay(5);
    await service.launch();
    await service.ready(RESTART_PATIENCE_MS);
  }

  /** Stopped for as long as the work takes. */
  async holding(name, work) {
    this.hold(name);
    try {
      await work();
    } finally {
      this.release(name);
    }
  }

  /** Stops it until it is released as often as it was held. */
  hold(name) {
    const held = this.#held.get(name) ?? 0;
    this.#held.set(name, held + 1);
    if (held === 0) this.stack.service(name).signal('SIGSTOP');
  }

  release(name) {
    const left = this.#held.get(name) - 1;
    this.#held.set(name, left);
    if (left === 0 && !this.#dying.has(name)) this.stack.service(name).signal('SIGCONT');
  }
}
