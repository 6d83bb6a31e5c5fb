import { setTimeout as delay } from 'node:timers/promises';
import { contractOf } from '@towpath/contracts/catalogue';
import { partsOf } from '@towpath/sagas/definition';
import { isTimedOut, ORCHESTRATOR, sideIn } from './breaker.mjs';

const PARTICIPANTS = ['commerce', 'egress', 'echo'];
const TURN_MS_MAX = 30_000;
const HELD_MS_MAX = 200_000;
const POLL_MS = 10;

/**
 * Messages that come after the saga's time for them is over, those of many instances at once. So that all stand before theirs in
 * the same moment, the orchestrator and the participants take turns: while one side runs the other is stopped, each turn brings every
 * instance one message further, and whoever has the longer way begins earlier.
 */
export class Delays {
  constructor({ stack, breaker, begin }) {
    Object.assign(this, { stack, breaker, begin, processes: breaker.processes });
  }

  /**
   * What is asked comes late: whoever is asked stands still until time is over for all that it was asked. Resolves when that is so,
   * but for those who have a time of more than `waitedMsMax`; `rest` in what it answers, when also they go on.
   */
  async ofCommands(instances, waitedMsMax) {
    if (instances.length === 0) return { rest: undefined };
    await this.#walk(instances);
    const askedOf = Map.groupBy(instances, (one) => this.breaker.receiverOf(one));
    const released = async (name) => {
      await until(askedOf.get(name) ?? [], isLate, HELD_MS_MAX);
      this.processes.release(name);
    };
    const [waited, others] = [true, false].map((isWaited) =>
      PARTICIPANTS.filter((name) => (askedOf.get(name) ?? []).every((one) => timeOf(one) <= waitedMsMax) === isWaited),
    );
    const rest = Promise.all(others.map(released));
    await Promise.all(waited.map(released));
    return { rest };
  }

  /** What is answered comes late: nobody gets anything more from the topics of the answers until time is over for all of them. */
  async ofAnswers(instances) {
    if (instances.length === 0) return;
    await this.#walk(instances);
    this.processes.hold(ORCHESTRATOR);
    const byTopic = Map.groupBy(instances, ({ one }) => contractOf(one.boundary.type).topic);
    const releases = new Map();
    for (const topic of byTopic.keys()) releases.set(topic, await this.stack.kafka.holdBack(topic));
    for (const name of PARTICIPANTS) this.processes.release(name);
    await until(instances, isAnswered, TURN_MS_MAX);
    this.processes.release(ORCHESTRATOR);
    await Promise.all(
      [...byTopic].map(async ([topic, own]) => {
        await until(own, isLate, HELD_MS_MAX);
        await releases.get(topic)();
      }),
    );
  }

  /** Until each was asked what its message is about, by an orchestrator that runs, of participants that do not. */
  async #walk(instances) {
    const turns = Math.max(...instances.map(({ one }) => one.boundary.turn));
    const begun = [];
    this.processes.hold(ORCHESTRATOR);
    for (let turn = 1; turn <= turns; turn += 1) {
      const beginning = instances.filter(({ one }) => one.boundary.turn + turn === turns + 1);
      begun.push(...beginning);
      for (const one of beginning) void this.begin(one);
      await until(begun, isAnswered, TURN_MS_MAX);
      for (const name of PARTICIPANTS) this.processes.hold(name);
      this.processes.release(ORCHESTRATOR);
      await until(begun, isAsked, TURN_MS_MAX);
      if (turn === turns) return;
      this.processes.hold(ORCHESTRATOR);
      for (const name of PARTICIPANTS) this.processes.release(name);
    }
  }
}

function isOver({ end, failed }) {
  return end !== undefined || failed !== undefined;
}

function isLate(instance) {
  return isOver(instance) || isTimedOut(instance);
}

function isAnswered(instance) {
  return isOver(instance) || instance.stands === 'answered';
}

function isAsked(instance) {
  return isOver(instance) || (instance.stands === 'asked' && instance.canceled !== false);
}

/** The time that the saga has for what a message is about. */
function timeOf({ one, definition }) {
  const { step } = sideIn(one.boundary.label);
  return partsOf(definition).find(({ name }) => name === step).timeoutMs;
}

async function until(instances, holds, msMax) {
  const endAt = performance.now() + msMax;
  while (!instances.every(holds) && performance.now() < endAt) await delay(POLL_MS);
}
