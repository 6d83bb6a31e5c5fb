import { setTimeout as delay } from 'node:timers/promises';

const RESTART_PATIENCE_MS = 60_000;
const AGAIN_MS = 1_500;
const RECORD_MS_MAX = 5_000;
/** Shorter than a message takes from one store to the next. */
const SAME_MOMENT_MS = 4;
const HELD_MS_MAX = 90_000;
const ORCHESTRATOR = 'saga-orchestrator';

/**
 * Does to each instance what its case says, at the moment its message is seen in a store: `sent` is before whoever gets it has
 * decided anything about it, `decided` right after. Every blow is by signal or on the wire; no service knows of it.
 */
export class Breaker {
  /** blows by fault */
  counts = new Map();
  #instances = new Set();
  #occurrences = new Map();
  #restarting = new Map();
  #killedAt = new Map();
  #work = new Set();
  #stopped = new Map();
  #delayed;

  constructor({ stack, tail, report }) {
    Object.assign(this, { stack, tail, report });
  }

  add(instance) {
    this.#instances.add(instance);
    if (instance.one.scenario.canceledDuring !== undefined)
      instance.cancelAt = `${instance.one.scenario.canceledDuring} asked`;
  }

  /** A message of an instance was sent or decided. */
  hear(moment) {
    const { instance, label } = moment;
    if (instance.cancelAt === label && moment.moment === 'sent') this.#cancel(instance);
    if (moment.moment === 'sent') this.#count(instance, label, moment.row.id);
    if (this.#delayed && !this.#delayed.stopped && label === this.#delayed.asked) this.#stopForDelay();
    const { boundary } = instance.one;
    if (instance.hit || label !== boundary.label || this.#timesSeen(instance, label) !== boundary.occurrence) return;
    this.#strike(instance, moment);
  }

  #strike(instance, { moment, row }) {
    const { fault } = instance.one;
    if (fault === 'crash before commit' && moment === 'sent') return this.#kill(instance);
    if (fault === 'crash after commit' && moment === 'decided') return this.#kill(instance);
    if (fault === 'duplicate' && moment === 'sent') return this.#hit(instance, this.#sendAgain(instance, row.id));
    if (fault === 'delay' && moment === 'sent') instance.hit = instance.timedOut === true;
    if (fault === 'reorder' && moment === 'sent') return this.#hit(instance, this.#overtake(instance, row.id));
    return undefined;
  }

  /** The process that gets the message dies at once, and comes back. */
  #kill(instance) {
    const name = this.#receiverOf(instance);
    if (this.#restarting.has(name)) {
      // One blow meets every message of that moment. What comes later waits for a process that is dead already: another instance tries again.
      if (performance.now() - this.#killedAt.get(name) < SAME_MOMENT_MS) this.#met(instance, name);
      return;
    }
    const service = this.stack.service(name);
    if (!service.signal('SIGKILL')) return;
    this.#killedAt.set(name, performance.now());
    this.#met(instance, name);
    const restarted = this.#restart(name).finally(() => this.#restarting.delete(name));
    this.#restarting.set(name, restarted);
    this.#track(restarted);
  }

  #met(instance, name) {
    instance.hit = true;
    this.#note(`${instance.one.fault} of ${name}`);
  }

  async #restart(name) {
    const service = this.stack.service(name);
    while (service.alive) await delay(5);
    await service.launch();
    await service.ready(RESTART_PATIENCE_MS);
  }

  /** The record as it was, twice at once and once more later. */
  async #sendAgain({ key }, id) {
    const record = await this.#recordOf(id);
    if (!record) throw new Error(`the record ${id} of ${key} was not seen on its topic`);
    await this.stack.kafka.send(record.topic, [record, record]);
    await delay(AGAIN_MS);
    await this.stack.kafka.send(record.topic, [record]);
  }

  /**
   * Whoever gets the message is held while everything that the instance sent before comes once more, the latest first, and the message
   * itself on another partition too: whichever of them comes first, it comes out of order.
   */
  async #overtake(instance, id) {
    const name = this.#receiverOf(instance);
    await this.#holding(name, async () => {
      const earlier = [...instance.sent].reverse();
      for (const one of earlier) {
        const record = await this.#recordOf(one);
        if (!record) continue;
        const partition = one === id ? 1 + record.partition : record.partition;
        await this.stack.kafka.send(record.topic, [{ ...record, partition: partition % 3 }]);
      }
    });
  }

  /**
   * Whoever does the step of these instances is stopped when the first of them asks, or before it can, and goes on when time was
   * over for all: their answers come late.
   */
  async delayAll(instances) {
    const [{ one, story }] = instances;
    const step = stepIn(one.boundary.label);
    const asked = one.boundary.label.replace(/ (done|refused)$/, ' asked');
    this.#delayed = { name: story.servedBy(step), asked, stopped: false };
    if (story.firstOf(this.#delayed.name) === step && !asked.startsWith('undo')) this.#stopForDelay();
    const endAt = performance.now() + HELD_MS_MAX;
    while (performance.now() < endAt && !instances.every(({ timedOut, end }) => timedOut || end !== undefined))
      await delay(100);
    this.stack.service(this.#delayed.name).signal('SIGCONT');
    this.#note(`delay of ${instances.length} answers of ${this.#delayed.name}`);
    this.#delayed = undefined;
  }

  #stopForDelay() {
    this.#delayed.stopped = true;
    this.stack.service(this.#delayed.name).signal('SIGSTOP');
  }

  /** Stopped for as long as the work takes; several may hold the same process. */
  async #holding(name, work) {
    const held = this.#stopped.get(name) ?? 0;
    this.#stopped.set(name, held + 1);
    if (held === 0) this.stack.service(name).signal('SIGSTOP');
    try {
      await work();
    } finally {
      const left = this.#stopped.get(name) - 1;
      this.#stopped.set(name, left);
      if (left === 0) this.stack.service(name).signal('SIGCONT');
    }
  }

  #cancel(instance) {
    instance.cancelAt = undefined;
    const data = { sagaId: instance.sagaId, reason: 'not wanted any more' };
    this.#track(this.stack.command('CancelSaga', data, `cancel-${instance.key}`));
  }

  #receiverOf({ one, story }) {
    if (one.boundary.to === 'orchestrator') return ORCHESTRATOR;
    return story.servedBy(stepIn(one.boundary.label));
  }

  #hit(instance, work) {
    instance.hit = true;
    this.#note(instance.one.fault);
    this.#track(
      work.catch((error) => {
        instance.failed = error.message;
      }),
    );
  }

  async #recordOf(id) {
    for (const endAt = performance.now() + RECORD_MS_MAX; performance.now() < endAt; await delay(10)) {
      const record = this.tail.recordOf(id);
      if (record) return record;
    }
    return undefined;
  }

  #count(instance, label, id) {
    (instance.sent ??= new Set()).add(id);
    const key = `${instance.key} ${label}`;
    this.#occurrences.set(key, (this.#occurrences.get(key) ?? 0) + 1);
  }

  #timesSeen({ key }, label) {
    return this.#occurrences.get(`${key} ${label}`) ?? 0;
  }

  #note(what) {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  #track(work) {
    const tracked = work
      .catch((error) => this.report(`blow failed: ${error.message}`))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async settle() {
    await Promise.race([Promise.all(this.#work), delay(HELD_MS_MAX)]);
  }

  told() {
    return [...this.counts].map(([what, times]) => `${times} × ${what}`).join(', ');
  }
}

/** `undo of charge by other asked` is about charge. */
function stepIn(label) {
  return label
    .replace(/^outcome of /, '')
    .replace(/^undo of /, '')
    .split(' ')[0];
}
