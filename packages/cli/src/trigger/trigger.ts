import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { providerOf, reach, senderOf } from '../delivery/post.js';
import { followTopics } from '../follow-topics.js';
import { domainTopics } from '../watch/watch.js';
import { buildBody, fixtureOf, NO_CHANGES, type Changes } from './build-delivery.js';
import { newIds, type Fixture, type Ids } from './fixtures.js';
import { OutcomeCollector, type Awaited, type Outcome } from './outcome.js';
import type { Body } from './paths.js';
import { seedOf } from './sandbox-seed.js';

export interface TriggerRequest {
  readonly source: string;
  readonly event: string;
  readonly changes: Changes;
  readonly count: number;
  /** deliveries a second */
  readonly rate: number;
  /** without the delivery that has to come first */
  readonly alone: boolean;
  readonly waitSeconds: number;
}

interface Sent extends Awaited {
  readonly n: number;
  readonly at: number;
}

/** Sends signed deliveries and tells how each one's story ends. Throws NO_OUTCOME when one doesn't in time. */
export async function trigger(
  context: Context,
  addresses: Addresses,
  request: TriggerRequest,
  signal: AbortSignal,
): Promise<void> {
  const fixture = fixtureOf(providerOf(addresses, request.source), request.event);
  const waiting = new AbortController();
  const stop = AbortSignal.any([signal, waiting.signal]);
  const records = followTopics(addresses, { topics: domainTopics(), from: new Date(), signal: stop });
  try {
    const collector = new OutcomeCollector<Sent>((one, outcome) => showOutcome(context, one, outcome));
    const outcomes = collect(records, collector);
    const sent = await sendAll(addresses, request, fixture, collector, stop);
    if (request.waitSeconds > 0) await outcomes(sent.length, request.waitSeconds * 1_000, stop);
    summarise(context, request, sent, collector.found);
  } finally {
    waiting.abort();
    await records.return(undefined);
  }
}

/** Reads records in the background; answers a wait for `count` outcomes, which throws what ended the reading. */
function collect(
  records: ReturnType<typeof followTopics>,
  collector: OutcomeCollector<Sent>,
): (count: number, ms: number, signal: AbortSignal) => Promise<void> {
  let failure: unknown;
  const reading = (async () => {
    for await (const record of records) collector.take(record);
  })();
  reading.catch((error: unknown) => (failure = error));
  return async (count, ms, signal) => {
    const deadline = performance.now() + ms;
    while (collector.found.size < count && performance.now() < deadline && !signal.aborted && failure === undefined) {
      await delay(10);
    }
    if (failure !== undefined) await reading;
  };
}

async function sendAll(
  addresses: Addresses,
  request: TriggerRequest,
  fixture: Fixture,
  collector: OutcomeCollector<Sent>,
  signal: AbortSignal,
): Promise<Sent[]> {
  const sent: Sent[] = [];
  const send = senderOf(addresses, request.source);
  const begun = performance.now();
  for (let n = 1; n <= request.count && !signal.aborted; n += 1) {
    const dueAt = begun + ((n - 1) * 1_000) / request.rate;
    if (dueAt > performance.now()) await delay(dueAt - performance.now());
    const ids = newIds(new Date());
    if (fixture.needs && !request.alone) {
      const first = fixtureOf(fixture.provider, fixture.needs);
      await sendOne(addresses, send, buildBody(fixture.needs, first, ids, NO_CHANGES, n), ids);
    }
    const body = buildBody(request.event, fixture, ids, request.changes, n);
    const one = {
      ...(await sendOne(addresses, send, body, ids)),
      n,
      decides: fixture.decides === true,
      endsWith: fixture.endsWith,
    };
    sent.push(one);
    collector.expect(one);
  }
  return sent;
}

async function sendOne(
  addresses: Addresses,
  send: ReturnType<typeof senderOf>,
  body: Body,
  ids: Ids,
): Promise<{ deliveryId: string; paymentId: string | undefined; at: number }> {
  const seed = seedOf(body);
  if (seed) {
    const url = `http://127.0.0.1:${addresses.ports.sandbox}/sandbox/payments/${encodeURIComponent(seed.id)}`;
    await reach(url, { method: 'PUT', body: JSON.stringify(seed.payment) });
  }
  const at = Date.now();
  const { deliveryId } = await send(JSON.stringify(body), `msg_${randomUUID()}`);
  return { deliveryId, paymentId: seed?.id ?? ids.payment, at };
}

function showOutcome({ colors, json, show }: Context, one: Sent, outcome: Outcome): void {
  const ms = Math.max(0, outcome.at - one.at);
  const about = one.decides ? one.paymentId : one.deliveryId;
  const text = `${about}  ${colors.bold(outcome.decision)}  ${outcome.facts.join(' · ')}  ${colors.dim(`+${ms} ms`)}`;
  const trace = `towpath trace ${one.deliveryId}`;
  show(json ? '' : text, { n: one.n, deliveryId: one.deliveryId, paymentId: one.paymentId, ...outcome, ms, trace });
}

function summarise(
  context: Context,
  { count, waitSeconds }: TriggerRequest,
  sent: readonly Sent[],
  found: ReadonlyMap<string, Outcome>,
): void {
  const first = sent[0]?.deliveryId;
  if (waitSeconds === 0) context.show(`${sent.length} sent`, { sent: sent.length });
  if (count > 1 && waitSeconds > 0) {
    const counts = Object.groupBy(found.values(), ({ decision }) => decision);
    const summary = Object.fromEntries(Object.entries(counts).map(([name, all]) => [name, all?.length ?? 0]));
    const text = Object.entries(summary).map(([name, number]) => `${number} ${name}`);
    context.show(`${sent.length} sent: ${text.join(', ')}`, { sent: sent.length, outcomes: summary });
  }
  if (first !== undefined && !context.json) context.show(`see every step: towpath trace ${first}`, {});
  if (waitSeconds > 0 && found.size < sent.length) {
    throw new CliError(
      'NO_OUTCOME',
      `${sent.length - found.size} of ${sent.length} had no outcome after ${waitSeconds} s; ` +
        `look into it with \`towpath trace ${first}\` and \`towpath doctor\`.`,
    );
  }
}
