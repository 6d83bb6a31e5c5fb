import { signStripe } from '@towpath/sources/sign';

const COPIES = 50;
const REPLAYS = 1_000;
const FLOOD_MS = 5_000;
/** Before and after now; what is signed ahead comes nearer while it is under way. */
const STALE_MS = [-301_000, 310_000];

/** Too much at once: five times the load, the same delivery in parallel and again and again, and old ones. */
export const flood = {
  id: 'F33',
  about: '50 copies at once, 1,000 replays, deliveries 301 s old and 310 s early, five times the load for 5 s',
  holds: 'one outcome; 401 for what is stale; 429 or 503 with Retry-After for what is too much',
  async inject(world, { expect, note }) {
    const { traffic } = world;
    const delivery = traffic.plan.charge();
    await traffic.seed([delivery]);
    await Promise.all(Array.from({ length: COPIES }, () => traffic.deliver(delivery)));
    for (let sent = 0; sent < REPLAYS; sent += COPIES) {
      await Promise.all(Array.from({ length: COPIES }, () => traffic.deliver(delivery)));
    }
    for (const away of STALE_MS) {
      const headers = signStripe(traffic.stripeSecret, delivery.body, new Date(Date.now() + away));
      const { status } = await traffic.attempt(delivery, 1, headers);
      expect(status === 401, `ingress answered ${status} to a delivery ${away} ms away`);
    }
    const usual = traffic.perSecond;
    traffic.perSecond = usual * 5;
    await world.pause(FLOOD_MS);
    traffic.perSecond = usual;
    note(`${COPIES} copies, ${REPLAYS} replays, ${usual * 5} a second`);
  },
};
