/** Every wire is slow, and the provider's answers trickle. */
export const slowWires = {
  id: 'F11',
  about: 'broker, database and provider 200 ± 100 ms away for 6 s; the provider at one byte a second for 5 s',
  holds: 'slower, and nothing else; memory bounded',
  async inject(world, { note }) {
    for (const proxy of Object.values(world.proxies)) proxy.set({ kind: 'delay', ms: 200, jitterMs: 100 });
    await world.pause(6_000);
    world.heal();
    world.proxies.provider.set({ kind: 'slice', everyMs: 1_000 });
    await world.pause(5_000);
    note('delayed, then sliced');
  },
};
