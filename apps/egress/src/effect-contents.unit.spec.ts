import { randomBytes } from 'node:crypto';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { encryptPii } from '@towpath/event-store/cipher';
import { effectFor } from './adapters/adapters.fixture.js';
import { EffectContents } from './effect-contents.js';
import { dataOf } from './effect-data.js';

const mail: SendMail = {
  ...{ mailId: 'm1', recipientId: 'cus_1', to: 'ada@shop.example', subject: 'Hello', text: 'Your loan' },
  ...{ inReplyTo: null, approvalHash: null },
};

/** A store that holds one reservation, encrypted as it would be, and a vault with its key, or without. */
function world(key: Buffer | null) {
  const effect = effectFor(SendMail, mail);
  const { attempts: _, firedAt: __, origin: ___, ...reserved } = effect;
  const sealKey = key ?? randomBytes(32);
  const stored = encryptPii(EffectReserved, reserved as EffectReserved, new Map([['cus_1', sealKey]]));
  const store = { read: async () => [{ type: EffectReserved.type, data: stored }], query: async () => [] };
  const vault = { keysFor: async () => new Map([['cus_1', key]]) };
  return { effect, stored, contents: new EffectContents(store as never, vault) };
}

describe('the personal data of an effect', () => {
  it('stand apart from what the ledger shows for ever', () => {
    const { effect, stored } = world(randomBytes(32));
    expect(effect.payload).not.toContain('ada@shop.example');
    expect(effect.payload).not.toContain('Your loan');
    expect(stored.content).toMatch(/^enc1:/);
  });

  it('come back from the store when what waits holds none', async () => {
    const { effect, contents } = world(randomBytes(32));
    const complete = await contents.completed({ ...effect, content: null });
    expect(complete && dataOf(SendMail, complete)).toEqual(mail);
  });

  it('are gone when their subject was erased, also of an effect that holds them in the clear', async () => {
    const { effect, contents } = world(null);
    expect(await contents.completed(effect)).toBeUndefined();
    expect(await contents.completed({ ...effect, content: null })).toBeUndefined();
  });
});
