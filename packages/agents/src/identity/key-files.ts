import { readFileSync, statSync } from 'node:fs';
import { keyBookOf, parseKeySet, parseSigningKey, type KeyBook, type SigningKey } from './keys.js';

/** A changed file is in force after this long, so that keys can be rotated without a restart. */
const LOOK_MS = 1_000;

/** The keys that verify, from the file of public keys; it is read again when it changes. Throws when it can't be read at first. */
export function keyBookIn(path: string, now: () => number = Date.now): KeyBook {
  const current = watched(path, (text) => keyBookOf(parseKeySet(text)), now);
  current();
  // A key that nobody knows may have been made a moment ago.
  return { find: (kid) => current().find(kid) ?? current(true).find(kid) };
}

/** The key that a service signs with, from its file; it is read again when it changes. Throws when it can't be read at first. */
export function signingKeyIn(path: string, now: () => number = Date.now): () => SigningKey {
  const current = watched(path, parseSigningKey, now);
  current();
  return current;
}

/** What a file says; a half-written or missing one leaves in force what was. */
function watched<T>(path: string, parse: (text: string) => T, now: () => number): (atOnce?: boolean) => T {
  let known: { readonly value: T; readonly changedAt: number } | undefined;
  let lookedAt = -Infinity;
  return (atOnce = false) => {
    if (known && !atOnce && now() - lookedAt < LOOK_MS) return known.value;
    lookedAt = now();
    try {
      const changedAt = statSync(path).mtimeMs;
      if (known?.changedAt !== changedAt) known = { value: parse(readFileSync(path, 'utf8')), changedAt };
    } catch (error) {
      if (!known) throw error;
    }
    return known.value;
  };
}
