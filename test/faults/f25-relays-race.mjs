import { kill } from '@towpath/testing/kills';

const KILLS = 3;

/** The relay dies between Kafka's acknowledgement and its own confirmation, and two of them want to be the one. */
export const relaysRace = {
  id: 'F25',
  about: 'the relay killed three times under load; a second one beside it, and the first killed and stopped by SIGSTOP',
  holds: 'repeats carry the same id; one relay is active at a time; a standby takes over within 5 s',
  async inject(world, { recovers }) {
    const first = world.service('cdc');
    for (let turn = 0; turn < KILLS; turn += 1) {
      await world.pause(Math.floor(world.random() * 300));
      await kill(first);
      await first.start();
      await recovers('SIGKILL cdc', ['cdc']);
    }
    const second = await world.launchReplica('cdc');
    await world.pause(2_000);
    await kill(first);
    await recovers('SIGKILL cdc with a standby', ['cdc']);
    // The first one stands by now, takes over from a relay that hangs, and that one comes back too late.
    await first.launch();
    await world.pause(2_000);
    second.signal('SIGSTOP');
    await recovers('SIGSTOP cdc with a standby', ['cdc']);
    second.signal('SIGCONT');
    await world.stopReplicas();
    await first.ready();
  },
};
