import { kill } from '@towpath/testing/kills';

/** The registry of schemas is gone or hangs, also while services start. */
export const registryAway = {
  id: 'F9',
  about: 'SIGSTOP to the registry while fraud starts; SIGKILL to it; triage, ingress and cdc are started without it',
  holds: 'services start from the stored ids; ingress goes on with 2xx; progress within 10 s',
  async inject(world, { recovers }) {
    const { stack } = world.platform;
    stack.kill('registry', 'SIGSTOP');
    await restarted(world, 'fraud');
    await recovers('registry hangs', ['fraud'], 10_000);
    stack.kill('registry', 'SIGCONT');
    stack.kill('registry', 'SIGKILL');
    for (const name of ['triage', 'ingress', 'cdc']) await restarted(world, name);
    await recovers('registry away', undefined, 10_000);
    await stack.restart('registry');
  },
};

async function restarted(world, name) {
  await kill(world.service(name));
  await world.service(name).start();
}
