import { isIP } from 'node:net';
import { isLoopbackAddress } from './public-address.js';
import { OutboundError } from './outbound-error.js';

/** Where a client may connect. */
export interface AllowedHosts {
  /** exact host names, reached by https on port 443 only; their addresses must be public */
  readonly hosts: readonly string[];
  /** origins such as `http://127.0.0.1:18090` that stand in for the provider during development; loopback only */
  readonly loopbackOrigins?: readonly string[];
}

/** Checks a URL against the allow-list before anything is resolved. */
export class HostGate {
  private readonly hosts: ReadonlySet<string>;
  private readonly loopbackOrigins: ReadonlySet<string>;

  /** Throws a plain Error on a list that could never be meant, such as a loopback origin that is not loopback. */
  constructor(allowed: AllowedHosts) {
    this.hosts = new Set(allowed.hosts.map((host) => host.toLowerCase()));
    this.loopbackOrigins = new Set((allowed.loopbackOrigins ?? []).map(loopbackOrigin));
  }

  /** The parsed URL; throws `HOST_NOT_ALLOWED` (not sent) when the list doesn't name it. */
  check(address: string): URL {
    const url = URL.parse(address);
    if (url === null) throw refused(`can't parse ${JSON.stringify(address.slice(0, 200))}`);
    if (url.username !== '' || url.password !== '') throw refused('a URL with a user name or password');
    if (this.loopbackOrigins.has(url.origin)) return url;
    // A name that is an address could only be meant to get around the list of names.
    if (url.protocol !== 'https:' || url.port !== '' || isIP(bare(url.hostname)) !== 0 || !this.hosts.has(url.hostname))
      throw refused(`${url.origin} is not on the allow-list; add its host to the client's policy if it should be`);
    return url;
  }

  /** True when `hostname` may resolve to loopback addresses (and to nothing else). */
  isLoopback(hostname: string): boolean {
    return [...this.loopbackOrigins].some((origin) => bare(new URL(origin).hostname) === bare(hostname));
  }
}

function loopbackOrigin(text: string): string {
  const url = new URL(text);
  const host = bare(url.hostname);
  if (host !== 'localhost' && !isLoopbackAddress(host))
    throw new Error(`${text} is not a loopback origin; name its host in \`hosts\` and reach it by https`);
  return url.origin;
}

/** IPv6 hosts stand in brackets in a URL. */
function bare(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

function refused(what: string): OutboundError {
  return new OutboundError('HOST_NOT_ALLOWED', 'not-sent', what);
}
