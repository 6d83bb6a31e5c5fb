import { setTimeout as delay } from 'node:timers/promises';
import { Processes } from './processes.mjs';

const AGAIN_MS = 1_500;
const RECORD_MS_MAX = 5_000;
const CANCELED_MS_MAX = 20_000;
const SETTLED_MS_MAX = 90_000;
const TRIES_IN_TIME = 4;
export const ORCHESTRATOR = 'saga-orchestrator';

/**
 * Does to each instance what its case says, at the moment its message is seen in a store: `sent` is before whoever gets it has
 * decided anything about it, `decided` right after. Every blow is by signal or on the wire; no service knows of it.
 */
export class Breaker {
  /** blows by fault */
  counts = new Map();
  #occurrences = new Map();
  #work = new Set();

  constructor({ stack, tail, report }) {
    Object.assign(this, { stack, tail, report });
    this.processes = new Processes(stack, (work) => this.#track(work));
  }

  add(instance) {
    if (instance.one.scenario.canceledDuring !== undefined)
      instance.cancelAt = `${instance.one.scenario.canceledDuring} asked`;
  }

  /** A message of an instance was sent or decided. */
  hear(moment) {
    const { instance, label } = moment;
    if (moment.moment === 'sent') {
      instance.stands = label.endsWith(' asked') ? 'asked' : 'answered';
      if (instance.cancelAt === label) this.#cancel(instance);
      this.#count(instance, label, moment.row.id);
    }
    const told = instance.story.hears?.(this.stack, instance, moment);
    if (told) this.#track(told);
    const { boundary } = instance.one;
    if (instance.hit || label !== boundary.label || this.#timesSeen(instance, label) !== boundary.occurrence) return;
    this.#strike(instance, moment);
  }

  #strike(instance, { moment, row }) {
    const { fault } = instance.one;
    if (fault === 'crash before commit' && moment === 'sent' && isInTime(instance, row))
      return this.#kill(instance, (name) => this.processes.killBeforeItActs(name));
    if (fault === 'crash after commit' && moment === 'decided')
      return this.#kill(instance, (name) => this.processes.killAfterItActed(name));
    if (fault === 'duplicate' && moment === 'sent') return this.#hit(instance, this.#sendAgain(instance, row.id));
    if (fault === 'reorder' && moment === 'sent') return this.#hit(instance, this.#overtake(instance, row.id));
    if (fault === 'delay' && moment === 'decided' && isTimedOut(instance)) this.met(instance, 'delay');
    return undefined;
  }

  #kill(instance, kills) {
    const name = this.receiverOf(instance);
    // What comes to a process that is dead already met nothing: another instance tries again.
    if (kills(name)) this.met(instance, `${instance.one.fault} of ${name}`);
  }

  /** Its fault has come over it. */
  met(instance, what) {
    instance.hit = true;
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
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
    await this.processes.holding(this.receiverOf(instance), async () => {
      const earlier = [...instance.sent].reverse();
      for (const one of earlier) {
        const record = await this.#recordOf(one);
        if (!record) continue;
        const partition = one === id ? 1 + record.partition : record.partition;
        await this.stack.kafka.send(record.topic, [{ ...record, partition: partition % 3 }]);
      }
    });
  }

  /** Whoever does the step waits until the saga has heard of it. */
  #cancel(instance) {
    const step = instance.one.scenario.canceledDuring;
    const data = { sagaId: instance.sagaId, reason: 'not wanted any more' };
    instance.cancelAt = undefined;
    instance.canceled = false;
    const canceled = async () => {
      await this.stack.command('CancelSaga', data, `cancel-${instance.key}`);
      const endAt = performance.now() + CANCELED_MS_MAX;
      while (!instance.canceled && instance.end === undefined && performance.now() < endAt) await delay(10);
    };
    this.#track(this.processes.holding(instance.story.servedBy(step), canceled));
  }

  /** The service that gets the message of a case. */
  receiverOf({ one, story }) {
    if (one.boundary.to === 'orchestrator') return ORCHESTRATOR;
    return story.servedBy(sideIn(one.boundary.label).step);
  }

  #hit(instance, work) {
    this.met(instance, instance.one.fault);
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
    instance.sent.add(id);
    const key = `${instance.key} ${label}`;
    this.#occurrences.set(key, (this.#occurrences.get(key) ?? 0) + 1);
  }

  #timesSeen({ key }, label) {
    return this.#occurrences.get(`${key} ${label}`) ?? 0;
  }

  #track(work) {
    const tracked = work
      .catch((error) => this.report(`blow failed: ${error.message}`))
      .finally(() => this.#work.delete(tracked));
    this.#work.add(tracked);
  }

  async settle() {
    await Promise.race([Promise.all(this.#work), delay(SETTLED_MS_MAX)]);
  }

  told() {
    return [...this.counts].map(([what, times]) => `${times} × ${what}`).join(', ');
  }
}

/** What is decided faster than it is seen can't be met before: after some tries, who dies right behind it has to do. */
function isInTime({ tries }, { isDecided }) {
  return !isDecided || tries.length >= TRIES_IN_TIME;
}

/** Whether time was over for the step that the message of a case is about. */
export function isTimedOut({ one, timedOut }) {
  const { step, side } = sideIn(one.boundary.label);
  return timedOut.has(`${step}/${side}`);
}

/** `undo of charge by other asked` is about the undo of charge. */
export function sideIn(label) {
  const [side, what] = label.startsWith('undo of ') ? ['undo', label.slice('undo of '.length)] : ['act', label];
  return { side, step: what.split(' ')[0] };
}
