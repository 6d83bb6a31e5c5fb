import { operator } from './operator.js';
import { platform } from './platform.js';
import { stripe } from './stripe.js';
import type { Taxonomy } from './taxonomy.js';

/** The taxonomy of each provider that sources.yaml may name. */
export const taxonomies: ReadonlyMap<string, Taxonomy> = new Map(
  [stripe, platform, operator].map((taxonomy) => [taxonomy.provider, taxonomy]),
);
