import type { Contract, DataOf } from '@towpath/contracts/contract';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import type { StoredEvent } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';

/** The data of a stored event with its personal data readable; those of an erased person read `erased`. */
export async function readable<C extends Contract>(vault: Vault, contract: C, event: StoredEvent): Promise<DataOf<C>> {
  const data = event.data as DataOf<C>;
  const keys = await vault.keysFor(subjectsOf(contract as Contract<DataOf<C>>, data));
  return decryptPii(contract as Contract<DataOf<C>>, data, keys);
}
