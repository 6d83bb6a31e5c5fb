import type { Taint } from '@towpath/contracts/taint';
import type { Provider } from '@towpath/sources/providers';

/**
 * The label of what each provider delivers. A signature says who sent the bytes, not who wrote them: whoever can file a ticket or open a
 * pull request writes what its provider signs. Only what a person of ours signs with their own key is endorsed.
 */
const LABELS: Readonly<Record<Provider, Taint>> = {
  operator: 'endorsed',
  platform: 'provider',
  stripe: 'provider',
  // Its taxonomy passes numbers and codes on, and free words only where no model sees them.
  loans: 'provider',
  shop: 'provider',
  // Our own site. What anybody may type into its forms is labelled by its taxonomy.
  customers: 'provider',
  zendesk: 'untrusted',
  intercom: 'untrusted',
  email: 'untrusted',
  github: 'untrusted',
  notion: 'untrusted',
};

/** What is known to be no better is `untrusted`. */
export function taintOfProvider(provider: string): Taint {
  return Object.hasOwn(LABELS, provider) ? LABELS[provider as Provider] : 'untrusted';
}
