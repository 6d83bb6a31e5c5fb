import { z } from 'zod';
import type { Purchases } from './purchases.js';

const DAY_MS = 24 * 3_600_000;

/** What a note of thanks may speak of. Nothing in it tells who the customer is. */
export const noteFacts = z.object({
  orderId: z.string(),
  /** purchases before this one */
  earlier: z.number().int(),
  /** days since the last one; null for the first */
  daysSince: z.number().int().nullable(),
  /** codes of what was bought before, too */
  again: z.array(z.string()),
  /** how many things were bought */
  pieces: z.number().int(),
  /** what was bought, as the shop calls it */
  itemsText: z.string(),
});
export type NoteFacts = z.output<typeof noteFacts>;

export interface Bought {
  readonly orderId: string;
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
  readonly itemsText: string;
  readonly completedAt: number;
}

export function factsOf({ orderId, lines, itemsText, completedAt }: Bought, { count, orders }: Purchases): NoteFacts {
  const before = orders.filter((one) => one.orderId !== orderId);
  const known = new Set(before.flatMap(({ skus }) => skus));
  const last = before.at(-1);
  return {
    orderId,
    earlier: count - (orders.length - before.length),
    daysSince: last ? Math.max(0, Math.floor((completedAt - last.at) / DAY_MS)) : null,
    again: [...new Set(lines.map(({ sku }) => sku))].filter((sku) => known.has(sku)),
    pieces: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    itemsText,
  };
}
