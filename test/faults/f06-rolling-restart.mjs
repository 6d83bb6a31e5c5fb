const DRAIN_MS_MAX = 10_000;

/** A deployment: each service is told to end, drains, and another takes its place. */
export const rollingRestart = {
  id: 'F6',
  about: 'SIGTERM to each service in turn under load; a second replica of fraud serves meanwhile',
  holds: 'each drains within 10 s; nothing is lost or done twice',
  async inject(world, { expect, note }) {
    await world.startReplica('fraud');
    for (const name of ['ingress', 'triage', 'fraud', 'egress', 'cdc']) {
      const service = world.service(name);
      const startedAt = performance.now();
      service.signal('SIGTERM');
      const ended = await world.until(async () => !service.alive, DRAIN_MS_MAX, 20);
      expect(ended, `${name} did not end within ${DRAIN_MS_MAX / 1000} s of SIGTERM`);
      note(`${name} drained in ${Math.round(performance.now() - startedAt)} ms`);
      await service.start();
    }
  },
};
