import { assertPortsFree, resolvePorts, type PortName, type Ports } from '@towpath/stack/ports';

const STEP = 40;
const OFFSET_MAX = 9_000;

/**
 * Ports of a platform that nobody listens on. They lie below those that the system hands out to clients: a client that tries to
 * reach a killed broker must not be given the broker's own port, which would keep it from coming back.
 */
export async function unusedPorts(): Promise<Ports> {
  const start = STEP * Math.floor((Math.random() * OFFSET_MAX) / STEP);
  for (let tried = 0; tried < OFFSET_MAX; tried += STEP) {
    const ports = resolvePorts({}, 1_000 + ((start + tried) % OFFSET_MAX));
    if (await areFree(ports)) return ports;
  }
  throw new Error('PORTS_TAKEN: no free range of ports was found between 16432 and 29000.');
}

/** Whether nothing listens on any of them. */
export async function areFree(ports: Ports): Promise<boolean> {
  try {
    await assertPortsFree(ports, Object.keys(ports) as PortName[]);
    return true;
  } catch {
    return false;
  }
}
