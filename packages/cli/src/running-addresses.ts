import { connect } from 'node:net';
import { addressesOf, type Addresses } from './addresses.js';
import { CliError } from './cli-error.js';

const PROBE_MS = 1_500;

/** The addresses of a platform that answers. Throws NOT_RUNNING at once, where clients would try for long. */
export async function runningAddressesOf(home: string): Promise<Addresses> {
  const addresses = addressesOf(home);
  await Promise.all([assertAnswers(addresses, 'kafka'), assertAnswers(addresses, 'postgres')]);
  return addresses;
}

/** Throws NOT_RUNNING when nothing listens on the part's port. */
export async function assertAnswers({ home, ports }: Addresses, part: 'kafka' | 'postgres'): Promise<void> {
  if (await listens(ports[part])) return;
  throw new CliError(
    'NOT_RUNNING',
    `nothing answers at 127.0.0.1:${ports[part]} (${part} of ${home}); start it with \`towpath up\`, or give the right --home.`,
  );
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: PROBE_MS });
    const answer = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', answer(true)).once('error', answer(false)).once('timeout', answer(false));
  });
}
