const DRAIN_MS_MAX = 10_000;
const NAMES = ['ingress', 'triage', 'fraud', 'egress', 'cdc'];

/** A deployment: each service is told to end, drains, and another takes its place; then all of them at once. */
export const rollingRestart = {
  id: 'F6',
  about: 'SIGTERM to each service in turn under load while a second replica of fraud serves, then to all together',
  holds: 'each drains within 10 s; nothing is lost or done twice',
  async inject(world, { expect, note, recovers }) {
    await world.startReplica('fraud');
    for (const name of NAMES) {
      await drain(world, name, { expect, note });
      await world.service(name).start();
    }
    await recovers('SIGTERM one by one');
    await Promise.all(NAMES.map((name) => drain(world, name, { expect, note })));
    await Promise.all(NAMES.map((name) => world.service(name).start()));
    await recovers('SIGTERM all');
  },
};

async function drain(world, name, { expect, note }) {
  const service = world.service(name);
  const startedAt = performance.now();
  service.signal('SIGTERM');
  const ended = await world.until(async () => !service.alive, DRAIN_MS_MAX, 20);
  expect(ended, `${name} did not end within ${DRAIN_MS_MAX / 1000} s of SIGTERM`);
  note(`${name} drained in ${Math.round(performance.now() - startedAt)} ms`);
}
