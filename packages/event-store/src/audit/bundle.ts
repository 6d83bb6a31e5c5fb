import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.js';
import type { Metadata } from '../types.js';

/** A story with everything that proves it: no database and no broker is needed to check it. */
export interface Bundle {
  readonly format: 'towpath-audit-bundle/1';
  /** what was asked for */
  readonly id: string;
  /** correlation ids of the stories it belongs to */
  readonly stories: readonly string[];
  /** public keys by their id, hexadecimal */
  readonly keys: Readonly<Record<string, string>>;
  /** the checkpoints that cover the events */
  readonly checkpoints: readonly BundledCheckpoint[];
  /** by store and position */
  readonly events: readonly BundledEvent[];
  /** what came in, byte for byte, where it was revealed; otherwise the events hold it encrypted, and its SHA-256 */
  readonly revealed: readonly { readonly deliveryId: string; readonly body: string }[];
  /** hex SHA-256 over the RFC 8785 text of all the above */
  readonly seal: string;
}

export interface BundledCheckpoint {
  /** the very text that was signed */
  readonly statement: string;
  /** base64 */
  readonly signature: string;
  readonly keyId: string;
}

/** A stored event as its row has it, personal data encrypted; its digest follows from its content. */
export interface BundledEvent {
  readonly schema: string;
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  /** ISO 8601 */
  readonly occurredAt: string;
  readonly xact: string;
  readonly data: unknown;
  readonly metadata: Metadata;
  /** hexadecimal: its link in its stream's chain */
  readonly hash: string;
  readonly proof: EventProof;
}

/** RFC 6962 audit path of the event's leaf. */
export interface EventProof {
  readonly checkpoint: number;
  readonly index: number;
  /** hexadecimal, from the leaf up */
  readonly path: readonly string[];
}

/** The file of a bundle: this text and no other is the bundle. */
export function bundleText(content: Omit<Bundle, 'seal'>): string {
  return textOf({ ...content, seal: sealOf(content) });
}

export function textOf(bundle: unknown): string {
  return `${JSON.stringify(bundle, null, 1)}\n`;
}

export function sealOf(content: Omit<Bundle, 'seal'>): string {
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}
