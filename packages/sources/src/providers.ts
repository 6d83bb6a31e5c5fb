import type { SchemeName } from './schemes.js';

/** Who writes the bodies of a source, and how such a source is signed unless sources.yaml says otherwise. */
export const PROVIDERS = {
  stripe: { scheme: 'stripe', bodies: 'events of Stripe' },
  zendesk: { scheme: 'zendesk', bodies: 'ticket events of Zendesk, or of a trigger' },
  intercom: { scheme: 'intercom', bodies: 'notifications of Intercom' },
  email: { scheme: 'standard', bodies: '`email.received` of whatever takes your mail' },
  loans: { scheme: 'standard', bodies: '`loan_application.submitted` of your application form' },
  shop: { scheme: 'standard', bodies: '`order.placed`, `refund.requested`, `stock.received` of your shop' },
  customers: {
    scheme: 'standard',
    bodies: '`customer.signed_up`, `form.completed`, `product.trigger_fired` of your site and products',
  },
  github: { scheme: 'github', bodies: 'events of GitHub' },
  notion: { scheme: 'notion', bodies: 'events of Notion' },
  platform: { scheme: 'standard', bodies: "events of a team's own tools" },
  operator: { scheme: 'standard', bodies: 'commands of people' },
} as const satisfies Record<string, { readonly scheme: SchemeName; readonly bodies: string }>;

export type Provider = keyof typeof PROVIDERS;

export const PROVIDER_NAMES = Object.keys(PROVIDERS) as [Provider, ...Provider[]];
