import { deadLetterSubject, openLetter, type Sealable } from '@towpath/event-store/sealed-letter';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { saysOneOf } from './naming.js';

const LETTERS_PER_READ = 200;
const STREAM_PREFIX = 'dead-letter-';

/** Ids of a store's dead letters whose keys have to go. */
export interface FoundLetters {
  /** those that name the person: in key, bytes, error message or stack */
  readonly naming: string[];
  /** those past their time, whose content is in the archive: whom they name can't be told, and nobody can redrive them any more */
  readonly expired: string[];
}

interface Row {
  readonly position: string;
  readonly stream: string;
  /** null once it is in the archive */
  readonly data: Letter | null;
}

/** As it is stored: bytes are base64. */
type Letter = Sealable & { readonly messageKey: string | null };

/**
 * Goes through every dead letter of the store. Each is opened with its own key and looked through for the names; one whose key is
 * gone says nothing any more. Throws the signal's reason, and `PII_TAMPERED` for one that was changed.
 */
export async function findLetters(
  names: readonly string[],
  { store, vault, signal }: { store: Pick<EventStore, 'query'>; vault: Pick<Vault, 'keysFor'>; signal: AbortSignal },
): Promise<FoundLetters> {
  const found: FoundLetters = { naming: [], expired: [] };
  const sought = names.map((name) => Buffer.from(name));
  for (let after = '0'; ;) {
    signal.throwIfAborted();
    const rows = await lettersAfter(store, after);
    const last = rows.at(-1);
    if (!last) return found;
    after = last.position;
    const keys = await vault.keysFor(rows.map((row) => deadLetterSubject({ deadLetterId: idOf(row) })));
    for (const row of rows) {
      const deadLetterId = idOf(row);
      const key = keys.get(deadLetterSubject({ deadLetterId }));
      if (!key) continue;
      if (row.data === null) found.expired.push(deadLetterId);
      else if (namesOneOf(openLetter(row.data, key), sought)) found.naming.push(deadLetterId);
    }
  }
}

/** The index of dead letters answers it, however large the store is. */
function lettersAfter(store: Pick<EventStore, 'query'>, after: string): Promise<Row[]> {
  const text = `select position, stream, data from events where type = 'platform.v1.DeadLettered' and position > $1
    order by position limit ${LETTERS_PER_READ}`;
  return store.query<Row>('dead_letters_after', text, [after]);
}

function idOf({ stream }: Row): string {
  return stream.slice(STREAM_PREFIX.length);
}

function namesOneOf({ messageKey, messageValue, detail, stack }: Letter, names: readonly Buffer[]): boolean {
  const bytes = [messageKey, messageValue].map((base64) => Buffer.from(base64 ?? '', 'base64'));
  const texts = [detail, stack ?? ''].map((text) => Buffer.from(text));
  return [...bytes, ...texts].some((said) => saysOneOf(said, names));
}
