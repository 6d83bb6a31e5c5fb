import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { CrmUpdated } from '@towpath/contracts/growth/CrmUpdated.v1';
import { CrmUpdateFailed } from '@towpath/contracts/growth/CrmUpdateFailed.v1';
import { contactsAsked } from '../asked.js';
import { stepState, type Step } from './step.js';

/** What the CRM knows of a customer; the same contact may have been a lead before. */
export const crmRecord = {
  command: UpsertContact,
  asked: contactsAsked,
  state: stepState('crm-record', CrmUpdated, CrmUpdateFailed),
  prefix: '',
  what: 'customer',
} as const satisfies Step;
