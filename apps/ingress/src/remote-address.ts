import { BlockList, isIP, isIPv6 } from 'node:net';

/**
 * The address a delivery came from, seen from behind `proxies` proxies of our own: each appends its peer to
 * X-Forwarded-For, so the sender's is the `proxies`-th from the right and everything left of it may be made up.
 * @param peer address of the socket
 * @param forwardedFor the header as it came; several headers joined in order
 * @returns null when there are fewer entries than proxies, or the entry is not an address: the sender is unknown
 */
export function remoteAddress(peer: string, forwardedFor: string | undefined, proxies: number): string | null {
  if (proxies === 0) return plainAddress(peer);
  const entries = (forwardedFor ?? '').split(',');
  const entry = entries[entries.length - proxies]?.trim() ?? '';
  return isIP(entry) === 0 ? null : plainAddress(entry);
}

/** Tells whether an address is in one of the ranges (address or CIDR); every address is when there are none. */
export function allowList(ranges: readonly string[]): (address: string | null) => boolean {
  if (ranges.length === 0) return () => true;
  const list = new BlockList();
  for (const range of ranges) {
    const [network = '', bits] = range.split('/');
    const type = isIPv6(network) ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(network, type);
    else list.addSubnet(network, Number(bits), type);
  }
  return (address) => address !== null && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** An IPv4 peer of a dual-stack socket shows as `::ffff:192.0.2.1`. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
