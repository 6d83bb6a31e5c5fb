import { median } from '../store/measure.mjs';

/** One measurement as a line. */
export function lineOf(side, { sagas, seconds, perSecond, ...more }) {
  const rate = `${side.padEnd(13)} ${sagas} sagas in ${seconds.toFixed(1)} s: ${Math.round(perSecond)}/s`;
  const { askedSeconds, begunSeconds, ends, orchestratorMib, microsPerDelivery, machineBusy } = more;
  const cpu = Object.entries(microsPerDelivery).map(([name, micros]) => `${name} ${micros}`);
  const busy = `processor µs a saga: ${cpu.join(', ')}; machine ${Math.round(machineBusy * 100)} % busy`;
  if (side !== 'towpath') return `${rate}, ${more.concurrency} at once\n          ${busy}`;
  return [
    `${rate}, ${JSON.stringify(ends)}`,
    `          asked for within ${askedSeconds.toFixed(1)} s, the last one begun after ${begunSeconds.toFixed(1)} s, orchestrator at most ${orchestratorMib} MiB`,
    `          ${busy}`,
  ].join('\n');
}

/** What the BENCH line says: medians over the rounds; a peer counts with the concurrency at which it was fastest. */
export function summaryOf({ towpath, ...peers }) {
  const rates = Object.fromEntries(Object.entries(peers).map(([name, measured]) => [name, bestOf(measured)]));
  if (!towpath) return { name: 'sagas', ...rates };
  const perSec = Math.round(median(towpath.map(({ perSecond }) => perSecond)));
  const of = (field) => towpath.map((one) => one[field]);
  const ended = towpath.reduce((sum, { ends }) => sum + ends.completed + ends.compensated + ends.needs_human, 0);
  const { dbos, restate, ...local } = rates;
  return {
    name: 'sagas',
    sagas: towpath[0].sagas,
    started: towpath.reduce((sum, { sagas }) => sum + sagas, 0),
    ended,
    startedWithinSec: Number(Math.max(...of('begunSeconds')).toFixed(1)),
    perSec,
    orchestratorMib: Math.max(...of('orchestratorMib')),
    ...rates,
    ...timesTheBest('timesTheBestPeer', perSec, [dbos, restate]),
    ...timesTheBest('timesTheBestLocal', perSec, Object.values(local)),
  };
}

function timesTheBest(name, perSec, peers) {
  const rates = peers.flatMap((peer) => (peer ? [peer.perSec] : []));
  return rates.length === 0 ? {} : { [name]: Number((perSec / Math.max(...rates)).toFixed(2)) };
}

function bestOf(measured) {
  const byConcurrency = new Map();
  for (const { concurrency, perSecond } of measured) {
    byConcurrency.set(concurrency, [...(byConcurrency.get(concurrency) ?? []), perSecond]);
  }
  const rates = [...byConcurrency].map(([concurrency, all]) => ({ concurrency, perSec: Math.round(median(all)) }));
  return rates.sort((a, b) => b.perSec - a.perSec)[0];
}
