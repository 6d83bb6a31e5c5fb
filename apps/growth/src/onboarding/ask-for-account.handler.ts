import { ProvisionAccount } from '@towpath/contracts/accounts/ProvisionAccount.v1';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { erased } from '@towpath/event-store/cipher';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { provisioning } from './provisioning.js';
import { readsToAsk, wasAsked } from './step.js';

type Message = Received<typeof CustomerSignedUp>;

/** Has the customer's account made, once. */
@Handles(CustomerSignedUp, { emits: [ProvisionAccount], decrypts: true })
export class AskForAccount implements Handler<typeof CustomerSignedUp, readonly [typeof ProvisionAccount]> {
  reads({ data }: Message): Reads {
    return readsToAsk(provisioning, data.customerId);
  }

  handle({ data }: Message, state: DecisionState): Emission<typeof ProvisionAccount>[] {
    const { customerId, plan, email, name, company } = data;
    if (email === erased || wasAsked(provisioning, customerId, state)) return [];
    return [emit(ProvisionAccount, { customerId, plan, email, name, company })];
  }
}
