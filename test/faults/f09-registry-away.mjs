import { kill } from '@towpath/testing/kills';

/** The registry of schemas is gone, also while services start. */
export const registryAway = {
  id: 'F9',
  about: 'SIGKILL to the registry; triage, ingress and cdc are started without it',
  holds: 'services start from the stored ids; ingress goes on with 2xx',
  async inject(world, { expect, note }) {
    world.platform.stack.kill('registry', 'SIGKILL');
    const before = world.traffic.accepted.size;
    for (const name of ['triage', 'ingress', 'cdc']) {
      await kill(world.service(name));
      await world.service(name).start();
    }
    await world.pause(1_000);
    expect(world.traffic.accepted.size > before, 'nothing was taken without the registry');
    await world.platform.stack.restart('registry');
    note('three services started without the registry');
  },
};
