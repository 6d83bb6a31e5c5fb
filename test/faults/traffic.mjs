import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_OPERATOR, operatorKeyFile, sourceFilesOf } from '@towpath/cli/local/local-sources';
import { loadSources } from '@towpath/sources/load';
import { signStandard, signStripe } from '@towpath/sources/sign';

const ATTEMPT_MS_MAX = 8_000;
const BACKOFF_MS = 250;
const BACKOFF_MS_MAX = 2_000;
const IN_FLIGHT_MAX = 300;
const SEEDS_AT_ONCE = 100;
const PATIENCE_MS = 180_000;
/** Share of deliveries that are sent once more after they were taken. */
const REPEATED = 0.03;

/** Sends the plan's deliveries, signed anew for each attempt and until a 2xx, as a provider does; notes every attempt. */
export class Traffic {
  /** by delivery id: how many attempts were answered with 2xx, and which payment must be decided */
  accepted = new Map();
  attempts = 0;
  /** deliveries that were refused for good though nothing was wrong with them */
  refused = [];
  /** answers that turned away and did not say when to come again */
  withoutRetryAfter = [];
  #inFlight = new Set();
  #planned = [];
  #stopped = true;
  #loop = Promise.resolve();

  constructor({ platform, sandbox, plan, log, random, perSecond }) {
    Object.assign(this, { platform, sandbox, plan, log, random, perSecond });
    this.base = `http://127.0.0.1:${platform.stack.ports.ingress}/webhooks`;
    this.stripeSecret = loadSources(sourceFilesOf(platform.home)).get('stripe').credentials[0].text;
    this.operatorKey = readFileSync(operatorKeyFile(platform.home, LOCAL_OPERATOR), 'utf8').trim();
  }

  get inFlight() {
    return this.#inFlight.size;
  }

  start() {
    this.#stopped = false;
    this.#loop = this.#run();
  }

  /** No new deliveries; waits until those under way were taken. */
  async stop() {
    this.#stopped = true;
    await this.#loop;
    await Promise.all(this.#inFlight);
    await this.log.flush();
  }

  /** Sends one delivery until it is taken; answers its id. */
  async deliver(delivery) {
    const end = performance.now() + PATIENCE_MS;
    for (let attempt = 1; performance.now() < end; attempt += 1) {
      const { status, deliveryId } = await this.attempt(delivery, attempt);
      if (status >= 200 && status < 300) return deliveryId;
      if (status >= 400 && status < 500 && status !== 429 && status !== 408) {
        this.refused.push(`${delivery.name}: ${status}`);
        return undefined;
      }
      await delay(Math.min(BACKOFF_MS * attempt, BACKOFF_MS_MAX));
    }
    this.refused.push(`${delivery.name}: not taken within ${PATIENCE_MS / 1000} s`);
    return undefined;
  }

  /** One attempt; status 0 when no answer came. */
  async attempt(delivery, attempt = 1, headers = this.#signed(delivery)) {
    const startedAt = performance.now();
    const answer = await this.#post(delivery, headers);
    this.attempts += 1;
    const { name, source } = delivery;
    if (answer.deliveryId !== undefined) this.#note(answer.deliveryId, delivery.paymentId);
    if ((answer.status === 429 || answer.status === 503) && answer.retryAfter === null) {
      this.withoutRetryAfter.push(`${name}: ${answer.status}`);
    }
    const ms = Math.round(performance.now() - startedAt);
    this.log.add({ at: new Date().toISOString(), name, source, attempt, ms, ...answer });
    return answer;
  }

  async seed(deliveries) {
    const seeds = deliveries.flatMap(({ seed }) => seed ?? []);
    for (;;) {
      try {
        return await this.sandbox.seed(seeds);
      } catch {
        await delay(BACKOFF_MS); // the provider is away: that is one of the faults
      }
    }
  }

  async #run() {
    let due = performance.now();
    while (!this.#stopped) {
      const early = due - performance.now();
      if (early > 2) await delay(early);
      // What could not be sent while everything stood still isn't made up for at once.
      due = Math.max(due, performance.now() - 1_000) + 1000 / this.perSecond;
      if (this.#inFlight.size >= IN_FLIGHT_MAX) {
        await Promise.race(this.#inFlight);
        continue;
      }
      if (this.#planned.length === 0) {
        this.#planned = Array.from({ length: SEEDS_AT_ONCE }, () => this.plan.next());
        await this.seed(this.#planned);
      }
      this.#send(this.#planned.shift());
    }
  }

  #send(delivery) {
    const again = this.random() < REPEATED;
    const work = this.deliver(delivery).then((id) => (again && id !== undefined ? this.deliver(delivery) : id));
    const tracked = work.finally(() => this.#inFlight.delete(tracked));
    this.#inFlight.add(tracked);
  }

  #note(deliveryId, paymentId) {
    const known = this.accepted.get(deliveryId);
    if (known) known.accepts += 1;
    else this.accepted.set(deliveryId, { deliveryId, accepts: 1, paymentId });
  }

  #signed({ source, body, name }) {
    if (source === 'stripe') return signStripe(this.stripeSecret, body, new Date());
    return signStandard(this.operatorKey, name, body, new Date());
  }

  async #post({ source, body }, signature) {
    try {
      const answer = await fetch(`${this.base}/${source}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signature },
        body,
        signal: AbortSignal.timeout(ATTEMPT_MS_MAX),
      });
      const text = await answer.text();
      return answer.status === 202
        ? { status: 202, deliveryId: JSON.parse(text).deliveryId }
        : { status: answer.status, retryAfter: answer.headers.get('retry-after') };
    } catch (error) {
      return { status: 0, error: error.cause?.code ?? error.name };
    }
  }
}
