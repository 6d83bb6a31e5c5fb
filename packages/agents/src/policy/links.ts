/** What a reader's program may turn into a link: with a scheme, without one, or hidden in a mark-up's brackets. */
const LINK =
  /(?:[a-z][a-z0-9+.-]{1,20}:)?\/\/[^\s<>"'()[\]{}|\\^`]+|\b(?:mailto|data|javascript|tel|file|blob):[^\s<>"']+|\bwww\.[^\s<>"'()[\]]+/giu;
/** A domain of its own, which mail programs link, too: `evil.example/x` or `evil.example`. */
const BARE_DOMAIN = /\b(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}\b(?:[/?#:][^\s<>"'()[\]]*)?/giu;
/** Endings of what people write that are no domains. */
const NO_DOMAINS = /\.(?:js|ts|md|txt|pdf|png|jpe?g|gif|csv|json|ya?ml|html?|xml|zip|docx?|xlsx?)$/iu;

/** The links in a text that lead elsewhere than to one of the hosts or a host below it. An e-mail address is a link to its domain. */
export function foreignLinks(text: string, hosts: readonly string[]): string[] {
  const plain = text.normalize('NFKC');
  const links = [...(plain.match(LINK) ?? []), ...(plain.replaceAll(LINK, ' ').match(BARE_DOMAIN) ?? [])];
  return links.filter((link) => !NO_DOMAINS.test(link) && !isWithinHosts(hostOf(link), hosts));
}

function hostOf(link: string): string | null {
  if (/^(?:mailto|data|javascript|tel|file|blob):/iu.test(link)) return null;
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//iu.test(link) ? link : `https://${link.replace(/^\/\//, '')}`;
  try {
    const { protocol, hostname, username } = new URL(withScheme);
    // What stands before an @ makes a reader believe in another host.
    return protocol === 'https:' && username === '' ? hostname.toLowerCase() : null;
  } catch {
    return null;
  }
}

function isWithinHosts(host: string | null, hosts: readonly string[]): boolean {
  return host !== null && hosts.some((allowed) => host === allowed || host.endsWith(`.${allowed}`));
}
