import { RecoveryStepDue } from '@towpath/contracts/payments/RecoveryStepDue.v1';
import { encryptPii, erased } from '@towpath/event-store/cipher';
import { Upcasters } from '@towpath/event-store/upcast';
import { handlerTable } from '../handler-table.js';
import { Handles } from '../handles.js';
import { Inbound } from './inbound.js';

@Handles(RecoveryStepDue, { decrypts: true })
class Reads {
  handle() {
    return [];
  }
}

@Handles(RecoveryStepDue)
class DoesNotRead {
  handle() {
    return [];
  }
}

const key = Buffer.alloc(32, 1);
const due = { paymentId: 'pi_1', accountId: 'cus_1', step: 'remind', number: 1, plan: 1, payUrl: null };
const stored = encryptPii(RecoveryStepDue, { ...due, email: 'ada@example.com' }, new Map([['cus_1', key]]));

async function handed(handler: new () => object, known: Buffer | null): Promise<unknown> {
  const inbound = new Inbound({
    ...{ service: 'spec', upcasters: new Upcasters([]), schemaIds: new Map() },
    handlers: handlerTable('commerce', [handler as never], () => new handler()),
    writerSchema: () => Promise.reject(new Error('not asked for')),
    vault: {
      ...{ erase: async () => new Map(), eraseDeadLetters: async () => undefined, lookupHash: String },
      ...{ keysFor: async () => new Map([['cus_1', known]]), close: async () => undefined },
    },
  });
  const metadata = { correlationId: 'c', causationId: 'c', hops: 0, handler: 'Spec' };
  const [item] = await inbound.itemsOfTimers([
    { id: 't1', dueAt: new Date(0), type: RecoveryStepDue.type, data: stored, metadata },
  ]);
  return item!.message.data;
}

describe('personal data of a timer', () => {
  it('come readable to the handler that decrypts, and encrypted to any other', async () => {
    expect(await handed(Reads, key)).toEqual({ ...due, email: 'ada@example.com' });
    expect(await handed(DoesNotRead, key)).toEqual(stored);
    expect(stored.email).toMatch(/^enc1:/);
  });

  it('of an erased person come as erased', async () => {
    expect(await handed(Reads, null)).toEqual({ ...due, email: erased });
  });
});
