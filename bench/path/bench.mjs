import { highestRate } from './ramp.mjs';
import { effectsLogOf, measureEffects, prepareSandbox } from './effects.mjs';
import { measure } from './measure.mjs';
import { cpuLineOf, effectLineOf, lineOf } from './report.mjs';
import { profilesOf } from './profile.mjs';
import { keepSlotClose } from './slot.mjs';

const WARM_UP = { perSecond: 200, seconds: 8 };
/** Our services were restarted while the other side, which has been running all along, was measured. */
const RESTARTED_WARM_UP = { perSecond: 500, seconds: 25 };
const RAMP_FROM = 1_000;
const CONTEXT = { perSecond: 50, latencyMs: 100 };

/**
 * The order of measurements. Effects come first: without egress, commands pile up that it would work off later. At the first rate both sides stand ready and take turns, because the machine's speed drifts;
 * for everything above, the other side's processes are stopped.
 */
export class Bench {
  results = { startedAt: new Date().toISOString(), node: process.version, measurements: [], ramps: {}, effects: [] };

  constructor({ plan, report, home, towpath, bare }) {
    Object.assign(this, { plan, report, home });
    this.sides = { towpath, bare };
  }

  async run() {
    const { plan, sides } = this;
    const [first, ...others] = plan.rates;
    for (const name of plan.sides) await this.warmUp(name);
    if (plan.effects) await this.effects();
    await sides.towpath.side.stopEffects();
    for (let round = 1; round <= plan.rounds; round += 1) {
      for (const name of plan.sides) await this.measureOne(name, first, plan.seconds);
    }
    await sides.towpath.side.stop();
    if (plan.sides.includes('bare')) await this.climb('bare', others);
    await sides.bare.side.stop();
    if (plan.sides.includes('towpath')) {
      await keepSlotClose(sides.towpath.side.stack);
      await sides.towpath.side.start();
      await this.measureOne('towpath', WARM_UP.perSecond, WARM_UP.seconds, { warmUp: true });
      await this.measureOne('towpath', RESTARTED_WARM_UP.perSecond, RESTARTED_WARM_UP.seconds, { warmUp: true });
      await this.climb('towpath', others);
      if (plan.profile) await this.profile(others);
    }
    this.results.outcomes = Object.fromEntries(sides.towpath.side.outcomes);
    this.report(`decisions fetched: ${JSON.stringify(this.results.outcomes)}`);
    return this.results;
  }

  async warmUp(name) {
    if (name === 'bare') await this.sides.bare.side.start();
    await this.measureOne(name, WARM_UP.perSecond, WARM_UP.seconds, { warmUp: true });
  }

  async climb(name, rates) {
    const { plan } = this;
    for (const rate of rates) await this.measureOne(name, rate, plan.seconds);
    if (!plan.ramp) return;
    this.results.ramps[name] = await highestRate({
      from: RAMP_FROM,
      seconds: plan.rampSeconds,
      measureAt: (perSecond, seconds) => this.measureAt(name, perSecond, seconds),
      report: (result) => this.tell(name, result, 'ramp'),
    });
    this.report(`${name} holds ${this.results.ramps[name].perSec}/s for ${plan.rampSeconds} s`);
  }

  async measureOne(name, perSecond, seconds, { warmUp = false } = {}) {
    const result = await this.measureAt(name, perSecond, seconds);
    if (!warmUp) this.results.measurements.push({ side: name, ...result });
    this.tell(name, result, warmUp ? 'warm-up' : '');
    return result;
  }

  async measureAt(name, perSecond, seconds) {
    const { load, arrivals, pids } = this.sides[name];
    const result = await measure({ side: { pids }, load, arrivals, perSecond, seconds });
    // The stopped side's slot would hold the write-ahead log back until Postgres gives the slot up.
    if (name === 'bare') await keepSlotClose(this.sides.towpath.side.stack);
    return result;
  }

  tell(name, result, note) {
    this.report(`${lineOf(name, result, note)}\n          ${cpuLineOf(result)}`);
  }

  async profile(rates) {
    const { side } = this.sides.towpath;
    await profilesOf({
      folder: this.plan.profile,
      nodeOptions: this.plan.nodeOptions,
      side,
      rates,
      report: this.report,
      warmUp: () => this.measureOne('towpath', WARM_UP.perSecond, WARM_UP.seconds, { warmUp: true }),
      measureAt: (rate) => this.measureOne('towpath', rate, this.plan.seconds, { warmUp: true }),
    });
    await side.start();
  }

  async effects() {
    const { side, load } = this.sides.towpath;
    const logFile = effectsLogOf(this.home);
    for (const perSecond of this.plan.effectRates) {
      const result = await measureEffects({ load, logFile, perSecond, seconds: this.plan.seconds / 2 });
      this.results.effects.push(result);
      this.report(effectLineOf('effects', result));
    }
    const { seconds } = this.plan;
    const sandbox = side.platform.service('sandbox').url;
    await prepareSandbox({ url: sandbox, load, count: CONTEXT.perSecond * seconds, latencyMs: CONTEXT.latencyMs });
    load.fields = 'few';
    this.results.context = await measureEffects({ load, logFile, perSecond: CONTEXT.perSecond, seconds });
    load.fields = 'all';
    this.report(effectLineOf(`context fetched at ${CONTEXT.latencyMs} ms`, this.results.context));
  }
}
