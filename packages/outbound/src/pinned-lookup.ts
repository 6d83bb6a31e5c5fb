import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLoopbackAddress, isPublicAddress } from './public-address.js';
import { OutboundError } from './outbound-error.js';

/** Resolves a name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The system's resolver. */
export const systemResolve: Resolve = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/**
 * The `lookup` of a socket. The socket connects to exactly the addresses that were checked here, so a name that changes
 * its answer between check and use (DNS rebinding) gains nothing. One forbidden address refuses the whole answer.
 */
export function pinnedLookup(resolve: Resolve, isLoopback: (hostname: string) => boolean): LookupFunction {
  return (hostname, options, callback) => {
    const allowed = isLoopback(hostname) ? isLoopbackAddress : isPublicAddress;
    resolve(hostname).then(
      (addresses) => {
        const forbidden = addresses.find(({ address }) => !allowed(address));
        const [first] = addresses;
        if (forbidden !== undefined || first === undefined) {
          callback(notAllowed(hostname, forbidden?.address), '');
        } else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, ''),
    );
  };
}

function notAllowed(hostname: string, address: string | undefined): OutboundError {
  const seen = address === undefined ? 'no address' : `${address}, which is not an address it may have`;
  return new OutboundError('ADDRESS_NOT_ALLOWED', 'not-sent', `${hostname} resolves to ${seen}`);
}
