import type { Vault } from '@towpath/event-store/vault';

/** The vault as a replay sees it: it notes when somebody is asked for who was erased since. */
export interface PastVault extends Vault {
  /** whether a key was asked for since this was last asked, and is gone */
  metErased(): boolean;
}

/** Wraps the vault of a service, so that what is decided without words that are gone is not taken for another decision. */
export function pastVault(vault: Vault): PastVault {
  let met = false;
  return {
    ...vault,
    keysFor: async (subjects) => {
      const keys = await vault.keysFor(subjects);
      met ||= [...keys.values()].includes(null);
      return keys;
    },
    metErased: () => {
      const before = met;
      met = false;
      return before;
    },
  };
}
