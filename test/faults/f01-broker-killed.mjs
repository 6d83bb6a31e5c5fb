/** The broker dies without a word. */
export const brokerKilled = {
  id: 'F1',
  about: 'SIGKILL to the broker; away for 4 s (--long: 70 s), then back on its data',
  holds: 'no 2xx without an acknowledgement; consumers and the relay go on by themselves',
  async inject(world, { note }) {
    const { stack } = world.platform;
    stack.kill('kafka', 'SIGKILL');
    await world.pause(world.long && !world.wasLongAway ? 70_000 : 4_000);
    world.wasLongAway = true;
    await stack.restart('kafka');
    note('broker answers again');
  },
};
