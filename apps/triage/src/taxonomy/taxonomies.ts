import { customers } from './customers.js';
import { email } from './email.js';
import { intercom } from './intercom.js';
import { loans } from './loans.js';
import { operator } from './operator.js';
import { platform } from './platform.js';
import { github, notion } from './recorded-only.js';
import { shop } from './shop.js';
import { stripe } from './stripe.js';
import type { Taxonomy } from './taxonomy.js';
import { zendesk } from './zendesk.js';

/** The taxonomy of each provider that sources.yaml may name. */
export const taxonomies: ReadonlyMap<string, Taxonomy> = new Map(
  [stripe, zendesk, intercom, email, loans, shop, customers, github, notion, platform, operator].map((taxonomy) => [
    taxonomy.provider,
    taxonomy,
  ]),
);
