import { createHash } from 'node:crypto';

/** The effect that a command asks for: it follows from the command's `ce_id` alone. */
export function effectIdOf(commandId: string): string {
  return createHash('sha256').update(`effect/${commandId}`).digest('hex').slice(0, 32);
}

/** The key under which its provider recognises a repeat. */
export function idempotencyKeyOf(effectId: string): string {
  return `towpath-${effectId}`;
}
