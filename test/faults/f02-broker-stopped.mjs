import { pick } from './seeded.mjs';

/** The broker hangs: connections stay open and nothing is answered. */
export const brokerStopped = {
  id: 'F2',
  about: 'SIGSTOP to the broker for 5 s (--long: 5, 20 or 45 s), then SIGCONT',
  holds: 'no 2xx without an acknowledgement; nothing is sent twice as new',
  async inject(world, { note }) {
    const { stack } = world.platform;
    const ms = world.long ? pick([5_000, 20_000, 45_000], world.random) : 5_000;
    stack.kill('kafka', 'SIGSTOP');
    await world.pause(ms);
    stack.kill('kafka', 'SIGCONT');
    note(`stopped for ${ms} ms`);
  },
};
