import { contractOf } from '@towpath/contracts/catalogue';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { encryptPii, subjectsOf as piiSubjects } from '@towpath/event-store/cipher';
import { deadLetterSubject, sealLetter } from '@towpath/event-store/sealed-letter';
import type { DomainEvent, NewTimer } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';

type Letter = Parameters<typeof sealLetter>[0];

/**
 * Events and timers as they may be written: pii fields encrypted with their subject's key, what a dead letter holds of its
 * message with a key of its own. One look-up of keys for the whole group.
 */
export async function seal<T extends DomainEvent | NewTimer>(messages: readonly T[], vault: Vault): Promise<T[]> {
  const subjects = new Set(messages.flatMap(subjectsOf));
  if (subjects.size === 0) return [...messages];
  const keys = await vault.keysFor([...subjects]);
  return messages.map((message) => {
    if (message.type === DeadLettered.type) {
      const letter = message.data as Letter;
      return { ...message, data: sealLetter(letter, keys.get(deadLetterSubject(letter)) ?? null) };
    }
    const contract = contractOf(message.type);
    return contract.pii.length === 0 ? message : { ...message, data: encryptPii(contract, message.data, keys) };
  });
}

function subjectsOf(message: DomainEvent | NewTimer): readonly string[] {
  if (message.type === DeadLettered.type) return [deadLetterSubject(message.data as Letter)];
  const contract = contractOf(message.type);
  return contract.pii.length === 0 ? [] : piiSubjects(contract, message.data);
}
