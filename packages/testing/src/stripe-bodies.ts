import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '@towpath/cli/local/platform';

/** Recorded Stripe events whose ids are placeholders of zeros; beside the repository, not in it. */
export const STRIPE_BODIES = join(repository, '..', 'shared', 'data', 'stripe-events');

export const hasStripeBodies = existsSync(STRIPE_BODIES);

export interface StripeBody {
  /** the event's type, which is the file's name */
  readonly type: string;
  readonly text: string;
}

/** All recorded bodies, by type; empty when the folder is not there. */
export function stripeBodies(): StripeBody[] {
  if (!hasStripeBodies) return [];
  return readdirSync(STRIPE_BODIES)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => ({ type: name.slice(0, -'.json'.length), text: readFileSync(join(STRIPE_BODIES, name), 'utf8') }));
}

const PLACEHOLDER = /\b([a-z]+)_0{8,}([0-9a-zA-Z]*)\b/g;

/**
 * The body with an id in place of each placeholder: the same placeholder becomes the same id. `ids` says which id a kind gets
 * (`evt`, `pi`, `ch`, …); a kind that it does not name gets one made of `fresh`.
 */
export function withIds(text: string, fresh: string, ids: Readonly<Record<string, string>> = {}): string {
  return text.replace(PLACEHOLDER, (_all, kind: string, rest: string) => ids[kind] ?? `${kind}_${fresh}${rest}`);
}
