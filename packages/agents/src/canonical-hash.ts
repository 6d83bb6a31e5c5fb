import { hash } from 'node:crypto';
import { canonicalJson } from '@towpath/event-store/canonical-json';

/** SHA-256 of a text, hexadecimal. */
export function hashOf(text: string): string {
  return hash('sha256', text, 'hex');
}

/** The canonical JSON (RFC 8785) of a value; undefined counts as null. Throws what has none, such as NaN. */
export function jsonOf(value: unknown): string {
  return canonicalJson(value === undefined ? null : value);
}
