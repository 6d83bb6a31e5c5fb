import { setTimeout as delay } from 'node:timers/promises';
import { Breaker } from './breaker.mjs';
import { Delays } from './delays.mjs';
import { begin, instanceOf, isMissed, isOver, nextTry, prepare } from './instance.mjs';
import { judged } from './judge.mjs';
import { Watcher } from './watcher.mjs';

/** Instances that wait for their fault at once. */
const AT_ONCE = 24;
const POLL_MS = 50;
/** What comes after an end changes nothing; it must have had the time to come. */
const QUIET_MS = 3_000;
const JUDGED_EVERY_MS = 10_000;
/** Whose time is longer is not waited for: others run meanwhile. */
const WAITED_MS_MAX = 60_000;

/** Runs cases on a stack: late messages first, all at once, then the other faults, many at once. */
export class Cases {
  #lookedAt = 0;
  #told = 0;

  constructor({ stack, tail, file, report, seed }, cases) {
    Object.assign(this, { stack, file, report });
    this.breaker = new Breaker({ stack, tail, report });
    this.watcher = new Watcher(stack, (moment) => this.breaker.hear(moment));
    this.delays = new Delays({ stack, breaker: this.breaker, begin: (instance) => this.#begin(instance) });
    this.instances = cases.map((one, index) => instanceOf(one, { seed, index }));
  }

  /** Answers all verdicts. */
  async run() {
    for (const story of new Set(this.instances.map(({ story }) => story))) await story.prepare(this.stack);
    await this.#prepared();
    this.watcher.start();
    try {
      await this.#delayed();
      await this.#broken(this.instances.filter(({ one }) => one.fault !== 'delay'));
      while (!this.instances.every(isOver)) await this.#look();
      await this.breaker.settle();
      await delay(QUIET_MS);
      return await this.#judged(this.instances);
    } finally {
      await this.watcher.stop();
    }
  }

  async #prepared() {
    const waiting = [...this.instances];
    const one = async () => {
      for (let instance = waiting.shift(); instance; instance = waiting.shift()) await prepare(this.stack, instance);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    this.report('what cases need before they begin is there');
  }

  async #delayed() {
    const late = this.instances.filter(({ one }) => one.fault === 'delay');
    const answers = late.filter(({ one }) => one.boundary.to === 'orchestrator');
    const commands = late.filter(({ one }) => one.boundary.to === 'participants');
    const { rest } = await this.delays.ofCommands(commands, WAITED_MS_MAX);
    this.report(`${commands.length} commands come late`);
    await this.delays.ofAnswers(answers);
    this.report(`${answers.length} answers come late`);
    // Until then nobody may bring those back who stand still.
    await rest;
  }

  /** Begins them, so many at once, and waits until each has met its fault and ended. */
  async #broken(own) {
    const waiting = [...own];
    const live = new Set();
    while (waiting.length > 0 || live.size > 0) {
      while (waiting.length > 0 && live.size < AT_ONCE) {
        const instance = waiting.shift();
        live.add(instance);
        void this.#begin(instance);
      }
      await this.#look();
      for (const instance of live) {
        if (!isOver(instance)) continue;
        live.delete(instance);
        if (isMissed(instance)) waiting.push(this.#again(instance));
      }
    }
  }

  #begin(instance) {
    this.watcher.watch(instance);
    this.breaker.add(instance);
    return begin(this.stack, instance);
  }

  #again(instance) {
    const next = nextTry(instance);
    this.instances[this.instances.indexOf(instance)] = next;
    return next;
  }

  /** Those who are over are judged as they come, for a run that is ended in the middle, and once more at the end. */
  async #look() {
    await delay(POLL_MS);
    const now = performance.now();
    for (const instance of this.instances) if (isOver(instance)) instance.overAt ??= now;
    if (now - this.#lookedAt < JUDGED_EVERY_MS) return;
    this.#lookedAt = now;
    const ripe = this.instances.filter(
      (one) => !one.isJudged && !isMissed(one) && one.overAt !== undefined && now - one.overAt > QUIET_MS,
    );
    for (const verdict of await this.#judged(ripe)) this.file.add(verdict);
    for (const one of ripe) one.isJudged = true;
    this.#tell();
  }

  async #judged(instances) {
    this.stack.readLogs();
    const verdicts = [];
    for (const instance of instances) verdicts.push(await judged(this.stack, instance));
    return verdicts;
  }

  #tell() {
    const ended = this.instances.filter(({ end }) => end !== undefined).length;
    if (ended < this.#told + 20) return;
    this.#told = ended;
    const met = this.instances.filter(({ hit }) => hit).length;
    this.report(`${ended} of ${this.instances.length} real cases ended, ${met} met their fault`);
  }
}
