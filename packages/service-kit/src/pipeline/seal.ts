import { contractOf } from '@towpath/contracts/catalogue';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { encryptBytes, encryptPii, subjectsOf as piiSubjects } from '@towpath/event-store/cipher';
import type { DomainEvent, NewTimer } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';

/**
 * Events and timers as they may be written: pii fields encrypted with their subject's key, a dead letter's bytes with a
 * key of their own. One look-up of keys for the whole group.
 */
export async function seal<T extends DomainEvent | NewTimer>(messages: readonly T[], vault: Vault): Promise<T[]> {
  const subjects = new Set(messages.flatMap(subjectsOf));
  if (subjects.size === 0) return [...messages];
  const keys = await vault.keysFor([...subjects]);
  return messages.map((message) => {
    if (message.type === DeadLettered.type) return { ...message, data: sealDeadLetter(message.data, keys) };
    const contract = contractOf(message.type);
    return contract.pii.length === 0 ? message : { ...message, data: encryptPii(contract, message.data, keys) };
  });
}

function subjectsOf(message: DomainEvent | NewTimer): readonly string[] {
  if (message.type === DeadLettered.type) return [deadLetterSubject(message.data)];
  const contract = contractOf(message.type);
  return contract.pii.length === 0 ? [] : piiSubjects(contract, message.data);
}

/** The vault's name for a dead letter's own key. */
export function deadLetterSubject(data: unknown): string {
  return `dead-letter:${(data as { deadLetterId: string }).deadLetterId}`;
}

/**
 * The value that came in may hold anything, so it is never stored readable: AES-256-GCM, as iv (12 bytes), tag (16) and
 * ciphertext, with the dead letter's id as additional data.
 */
function sealDeadLetter(data: unknown, keys: ReadonlyMap<string, Buffer | null>): object {
  const letter = data as { deadLetterId: string; messageValue: string | null };
  const key = keys.get(deadLetterSubject(letter));
  if (letter.messageValue === null) return letter;
  if (!key) return { ...letter, messageValue: null };
  const sealed = encryptBytes(Buffer.from(letter.messageValue, 'base64'), key, letter.deadLetterId);
  return { ...letter, messageValue: sealed.toString('base64') };
}
