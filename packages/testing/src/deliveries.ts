import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { LOCAL_OPERATOR, operatorKeyFile, sourceFilesOf } from '@towpath/cli/local/local-sources';
import type { LocalPlatform } from '@towpath/cli/local/platform';
import { loadSources } from '@towpath/sources/load';
import { signAs, signStandard, signStripe } from '@towpath/sources/sign';

const ATTEMPT_MS_MAX = 8_000;
const BACKOFF_MS = 250;
const PROVIDER_PATIENCE_MS = 90_000;

/** Sends signed deliveries to the ingress of a platform. */
export class Deliveries {
  private readonly base: string;
  private readonly stripeSecret: string;

  constructor(private readonly platform: Pick<LocalPlatform, 'home' | 'around'>) {
    this.base = `http://127.0.0.1:${platform.around.ports.ingress}/webhooks`;
    const secret = loadSources(sourceFilesOf(platform.home)).get('stripe')?.credentials[0]?.text;
    if (secret === undefined) throw new Error('SOURCE_MISSING: the platform has no source stripe.');
    this.stripeSecret = secret;
  }

  /** One attempt, signed now, with these headers too. Answers the status, or 0 when there was no answer. */
  async sendStripe(body: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
    return this.post('stripe', body, { ...headers, ...signStripe(this.stripeSecret, body, new Date()) });
  }

  /**
   * Sends until a 2xx, signed anew each time, as Stripe does. Answers the number of attempts. Throws DELIVERY_REFUSED when the
   * answer says that repeating is of no use, DELIVERY_NOT_TAKEN when nothing is taken for too long.
   */
  sendLikeStripe(body: string): Promise<number> {
    return untilTaken(() => this.sendStripe(body), body);
  }

  /** The same for a source of that name: every attempt carries the same id. */
  sendUntilTaken(source: string, body: string, id: string): Promise<number> {
    return untilTaken(() => this.sendTo(source, body, id), body);
  }

  /** One attempt at a source of that name, signed now as its scheme asks, with `id` where the scheme has one. Answers the status. */
  async sendTo(source: string, body: string, id: string): Promise<number> {
    const known = loadSources(sourceFilesOf(this.platform.home)).get(source);
    const secret = known?.credentials[0]?.text;
    if (!known || secret === undefined) throw new Error(`SOURCE_MISSING: the platform has no source ${source}.`);
    return this.post(source, body, signAs(known.scheme, secret, { id, body, at: new Date() }));
  }

  /** A person's command, signed with that person's key; default: the local operator's, who is admin. Answers the status. */
  async sendCommand(type: string, data: object, id: string, key?: string): Promise<number> {
    const body = JSON.stringify({ type, data });
    const own = key ?? readFileSync(operatorKeyFile(this.platform.home, LOCAL_OPERATOR), 'utf8').trim();
    return this.post('operator', body, signStandard(own, id, body, new Date()));
  }

  private async post(source: string, body: string, signature: Record<string, string>): Promise<number> {
    const headers = { 'content-type': 'application/json', ...signature };
    const signal = AbortSignal.timeout(ATTEMPT_MS_MAX);
    try {
      const answer = await fetch(`${this.base}/${source}`, { method: 'POST', headers, body, signal });
      await answer.arrayBuffer();
      return answer.status;
    } catch {
      return 0;
    }
  }
}

async function untilTaken(send: () => Promise<number>, body: string): Promise<number> {
  const end = performance.now() + PROVIDER_PATIENCE_MS;
  for (let attempt = 1; ; attempt += 1) {
    const status = await send();
    if (status >= 200 && status < 300) return attempt;
    if (status >= 400 && status < 500 && status !== 429) {
      throw new Error(`DELIVERY_REFUSED: ingress answered ${status} to ${body.slice(0, 80)}`);
    }
    if (performance.now() >= end) throw new Error(`DELIVERY_NOT_TAKEN: ${attempt} attempts, the last one: ${status}`);
    await delay(BACKOFF_MS);
  }
}

/** Runs `work` for each item, started at most `perSecond` times a second, and waits for all. Throws the first failure. */
export async function paced<T>(
  items: readonly T[],
  perSecond: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const startedAt = performance.now();
  const running: Promise<unknown>[] = [];
  for (const [index, item] of items.entries()) {
    const due = startedAt + (index * 1000) / perSecond;
    const early = due - performance.now();
    if (early > 0) await delay(early);
    const one = work(item);
    one.catch(() => undefined); // looked at below
    running.push(one);
  }
  await Promise.all(running);
}
