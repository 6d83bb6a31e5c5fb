import { Injectable } from '@nestjs/common';
import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { LeadAssigned } from '@towpath/contracts/growth/LeadAssigned.v1';
import type { LeadSignalNoted } from '@towpath/contracts/growth/LeadSignalNoted.v1';
import { Handles, type DecisionState, type QueuedHandler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { contactsAsked } from '../asked.js';
import { Contacts } from '../contacts.js';
import { leads } from './lead.js';

type Message = Received<typeof LeadAssigned>;

/** Says in the CRM whose lead it is. A customer stays one there. */
@Injectable()
@Handles(LeadAssigned, { mode: 'queued', emits: [UpsertContact] })
export class PutLeadIntoCrm implements QueuedHandler<
  typeof LeadAssigned,
  readonly [typeof UpsertContact],
  LeadSignalNoted | undefined
> {
  constructor(private readonly contacts: Contacts) {}

  reads({ data: { contactId } }: Message): Reads {
    return { streams: [leads.of(contactId), contactsAsked.of(contactId)] };
  }

  work({ data }: Message): Promise<LeadSignalNoted | undefined> {
    return this.contacts.lead(data.contactId);
  }

  handle({ data }: Message, state: DecisionState, who: LeadSignalNoted | undefined): Emission<typeof UpsertContact>[] {
    const { contactId, rep: owner } = data;
    const { score, assignment } = state.of(leads, contactId);
    // Erased, or with somebody else by now, which another message says.
    if (!who || assignment?.rep !== owner) return [];
    const isCustomer = state.of(contactsAsked, contactId).commands.some(({ what }) => what === 'customer');
    const { email, name, company, source } = who;
    const stage = isCustomer ? 'customer' : 'lead';
    return [
      emit(UpsertContact, { contactId, email, name, company, stage, score: score?.value ?? null, owner, source }),
    ];
  }
}
