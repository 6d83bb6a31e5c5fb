/** A service reaches one of its two neighbours and not the other. */
export const partition = {
  id: 'F14',
  about: 'the database cut off for 4 s while the broker is there, then the other way round',
  holds: 'ingress takes deliveries without the database; no half-done commit',
  async inject(world, { expect, note }) {
    const before = world.traffic.accepted.size;
    world.proxies.postgres.set({ kind: 'cut' });
    await world.pause(4_000);
    world.proxies.postgres.heal();
    expect(world.traffic.accepted.size > before, 'ingress took nothing while only the database was away');
    await world.pause(2_000);
    world.proxies.kafka.set({ kind: 'cut' });
    await world.pause(4_000);
    note(`${world.traffic.accepted.size - before} deliveries taken meanwhile`);
  },
};
