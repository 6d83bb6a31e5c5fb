export const GIVEN_UP_MS = 30_000;
const USUAL_MS = 2_000;
const CAUGHT_UP_MS_MAX = 90_000;
const SCOUTS = 5;

/** How many of the payments `$1` got so far, counted among what was appended after the position `$2`. */
const GOT = {
  decided: `select count(distinct data ->> 'paymentId')::int as n from fraud.events
            where position > $2 and type ~ '^fraud.v1.Payment' and data ->> 'paymentId' = any($1)`,
  reserved: `select count(distinct data ->> 'subjectId')::int as n from egress.events
             where position > $2 and type = 'egress.v1.EffectReserved' and data ->> 'subjectId' = any($1)`,
};
const STORE = { decided: 'fraud', reserved: 'egress' };

/**
 * Sends so many payments of other customers at once and waits until each is decided by fraud, or its capture reserved by
 * egress; answers the milliseconds of the slowest.
 */
export async function neighboursMs(world, count, stage = 'decided') {
  const { traffic } = world;
  const deliveries = Array.from({ length: count }, () => traffic.plan.strangersCharge());
  const from = (await world.positions())[STORE[stage]];
  await traffic.seed(deliveries);
  const startedAt = performance.now();
  await Promise.all(deliveries.map((delivery) => traffic.deliver(delivery)));
  const payments = deliveries.map(({ paymentId }) => paymentId);
  const got = async () => (await world.inspector.query(GOT[stage], [payments, from]))[0].n;
  await world.until(async () => (await got()) === count, GIVEN_UP_MS);
  return Math.round(performance.now() - startedAt);
}

/** Waits until what earlier faults held up is worked off, so that what is measured next is not their backlog; false when it is not. */
export function caughtUp(world) {
  return world.until(async () => (await neighboursMs(world, SCOUTS)) < USUAL_MS, CAUGHT_UP_MS_MAX);
}
