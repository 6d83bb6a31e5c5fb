import type { Vault } from '@towpath/event-store/vault';
import { pastVault } from './past-vault.js';

const destroy = () => Promise.reject(new Error('destroyed'));
const vault: Vault = {
  keysFor: async (subjects) => new Map([...subjects].map((one) => [one, one === 'gone' ? null : Buffer.alloc(32)])),
  ...{ lookupHash: String, erase: destroy, eraseDeadLetters: destroy, close: async () => undefined },
};
const erasure = { erasureId: 'e1', subject: 'cus_1' };

describe('the vault as a replay sees it', () => {
  it('tells once that somebody was asked for who is erased', async () => {
    const past = pastVault(vault);
    await past.keysFor(['known']);
    expect(past.metErased()).toBe(false);
    await past.keysFor(['gone']);
    await past.keysFor(['known']);
    expect([past.metErased(), past.metErased()]).toEqual([true, false]);
  });

  it('destroys no key when an erasure is decided again, and tells that there was one', async () => {
    const past = pastVault(vault);
    await past.eraseDeadLetters(erasure, ['letter']);
    await expect(past.erase(erasure, ['cus_1'])).resolves.toEqual(new Map([['cus_1', new Date(0)]]));
    expect(past.metErased()).toBe(true);
  });
});
