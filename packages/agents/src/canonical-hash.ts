import { hash } from 'node:crypto';
import { canonicalJson } from '@towpath/event-store/canonical-json';

/** SHA-256 of a text, hexadecimal. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/** `hashOf(jsonOf(null))`: what most steps are given. */
export const NOTHING_HASH = hashOf('null');

/** The canonical JSON (RFC 8785) of a value; undefined counts as null. Throws what has none, such as NaN. */
export function jsonOf(value: unknown): string {
  return canonicalJson(value === undefined ? null : value);
}
