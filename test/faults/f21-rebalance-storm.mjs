const TURNS = { short: 2, long: 6 };

/** Members come and go: the group is shared out again and again. */
export const rebalanceStorm = {
  id: 'F21',
  about: 'a second replica of triage and fraud joins and leaves, politely and killed, twice (--long: six times)',
  holds: 'all partitions are read; nothing twice, nothing out of order',
  // A member that was killed is missed only when its session has run out (G8).
  recoveryMsMax: 8_000,
  async inject(world, { note }) {
    const turns = world.long ? TURNS.long : TURNS.short;
    for (let turn = 0; turn < turns; turn += 1) {
      const name = turn % 2 === 0 ? 'fraud' : 'triage';
      const replica = await world.startReplica(name);
      await world.pause(Math.floor(world.random() * 1_500));
      if (world.random() < 0.5) replica.signal('SIGKILL');
      await world.stopReplicas();
    }
    note(`${turns} replicas came and went`);
  },
};
