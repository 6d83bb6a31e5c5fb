/** The broker hangs: connections stay open and nothing is answered. */
export const brokerStopped = {
  id: 'F2',
  about: 'SIGSTOP to the broker for 5 s (--long: 20 s, then 45 s), then SIGCONT',
  holds: 'no 2xx without an acknowledgement; nothing is sent twice as new; all go on within 5 s',
  async inject(world, { recovers }) {
    const { stack } = world.platform;
    for (const ms of world.long ? [20_000, 45_000] : [5_000]) {
      stack.kill('kafka', 'SIGSTOP');
      await world.pause(ms);
      stack.kill('kafka', 'SIGCONT');
      await recovers('SIGSTOP broker');
    }
  },
};
