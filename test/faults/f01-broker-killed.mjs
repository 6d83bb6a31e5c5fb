/** The broker dies without a word. */
export const brokerKilled = {
  id: 'F1',
  about: 'SIGKILL to the broker; away for 5 s (--long: 70 s), then back on its data',
  holds: 'no 2xx without an acknowledgement; consumers and the relay go on by themselves within 5 s',
  async inject(world, { recovers }) {
    const { stack } = world.platform;
    stack.kill('kafka', 'SIGKILL');
    await world.pause(world.long ? 70_000 : 5_000);
    await stack.restart('kafka');
    await recovers('SIGKILL broker');
  },
};
