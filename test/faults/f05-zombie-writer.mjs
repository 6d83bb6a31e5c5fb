const STOPPED_MS = 9_000;

/** A service hangs for longer than its session, another takes over, and the first comes back in the middle of its work. */
export const zombieWriter = {
  id: 'F5',
  about: 'SIGSTOP to triage, fraud or egress beyond its session while a second replica takes over, then SIGCONT',
  holds: 'what the revived process still writes is refused or a no-op; no effect twice',
  async inject(world, { note }) {
    const name = ['triage', 'fraud', 'egress'][Math.floor(world.random() * 3)];
    await world.startReplica(name);
    world.service(name).signal('SIGSTOP');
    await world.pause(STOPPED_MS);
    world.service(name).signal('SIGCONT');
    await world.pause(1_500);
    note(`${name} was stopped for ${STOPPED_MS} ms`);
    await world.stopReplicas();
  },
};
