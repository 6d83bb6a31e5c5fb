import { GIVEN_UP_MS, neighboursMs } from './neighbours.mjs';
import { pick } from './seeded.mjs';

const STOPPED_MS = 10_000;
/** G8: a replica that doesn't come back is replaced by the others within this time. */
const TAKEN_OVER_MS_MAX = 8_000;
/** Enough for every partition to get some. */
const PAYMENTS = 40;

/** A service hangs for longer than its session, another takes over, and the first comes back in the middle of its work. */
export const zombieWriter = {
  id: 'F5',
  about:
    'SIGSTOP to triage, fraud or egress (--long: each) beyond its session while a second replica serves, then SIGCONT',
  holds:
    'its partitions go on within 8 s; what the revived process still writes is refused or a no-op; no effect twice',
  async inject(world, { note, expect, recovers }) {
    const names = ['triage', 'fraud', 'egress'];
    for (const name of world.long ? names : [pick(names, world.random)]) {
      await world.startReplica(name);
      const stage = name === 'egress' ? 'reserved' : 'decided';
      const usual = await neighboursMs(world, PAYMENTS, stage);
      const startedAt = performance.now();
      world.service(name).signal('SIGSTOP');
      const ms = (await neighboursMs(world, PAYMENTS, stage)) - usual;
      const what = `${name} was replaced after ${ms} ms, allowed ${TAKEN_OVER_MS_MAX}`;
      expect(ms <= TAKEN_OVER_MS_MAX, what, { isTime: ms < GIVEN_UP_MS });
      await world.pause(Math.max(0, STOPPED_MS - (performance.now() - startedAt)));
      world.service(name).signal('SIGCONT');
      note(`${name} was replaced after ${ms} ms`);
      await recovers(`SIGSTOP ${name}`);
      await world.stopReplica(name);
    }
  },
};
