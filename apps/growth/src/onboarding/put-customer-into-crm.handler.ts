import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { erased } from '@towpath/event-store/cipher';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { crmRecord } from './crm-record.js';
import { readsToAsk, wasAsked } from './step.js';

type Message = Received<typeof CustomerSignedUp>;

/** Puts a customer into the CRM, once. */
@Handles(CustomerSignedUp, { emits: [UpsertContact], decrypts: true })
export class PutCustomerIntoCrm implements Handler<typeof CustomerSignedUp, readonly [typeof UpsertContact]> {
  reads({ data }: Message): Reads {
    return readsToAsk(crmRecord, data.customerId);
  }

  handle({ data }: Message, state: DecisionState): Emission<typeof UpsertContact>[] {
    const { customerId: contactId, email, name, company, source } = data;
    if (email === erased || wasAsked(crmRecord, contactId, state)) return [];
    const contact = { contactId, email, name, company, source };
    return [emit(UpsertContact, { ...contact, stage: crmRecord.what, score: null, owner: null })];
  }
}
