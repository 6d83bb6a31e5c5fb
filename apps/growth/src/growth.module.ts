import { AgentsModule } from '@towpath/agents/agents.module';
import { reaction } from '@towpath/service-kit/reactions/reaction';
import { Service } from '@towpath/service-kit/service';
import { contactsAsked, mailsAsked, noticesAsked, workspacesAsked } from './asked.js';
import { growthConfig } from './config.js';
import { Contacts } from './contacts.js';
import { ContentDesk } from './content/content-desk.js';
import { DecideContent } from './content/decide-content.handler.js';
import { DraftContent } from './content/draft-content.handler.js';
import { drafts } from './content/drafts.js';
import { SendDueContent } from './content/send-due-content.handler.js';
import { CloseLead } from './leads/close-lead.handler.js';
import { FollowUpLead } from './leads/follow-up-lead.handler.js';
import { leads } from './leads/lead.js';
import { PutLeadIntoCrm } from './leads/put-lead-into-crm.handler.js';
import { QualifyForm } from './leads/qualify-form.handler.js';
import { QualifyTrigger } from './leads/qualify-trigger.handler.js';
import { repLoads } from './leads/rep-loads.projection.js';
import { SalesDesk } from './leads/sales-desk.js';
import { TakeLead } from './leads/take-lead.handler.js';
import { WinLead } from './leads/win-lead.handler.js';
import { AlertSales } from './onboarding/alert-sales.handler.js';
import { AskForAccount } from './onboarding/ask-for-account.handler.js';
import { crmRecord } from './onboarding/crm-record.js';
import { GreetCustomer } from './onboarding/greet-customer.handler.js';
import { NoteOnboardingStep } from './onboarding/note-onboarding-step.handler.js';
import { onboarding } from './onboarding/onboarding.js';
import { PassOnboardingDeadline } from './onboarding/pass-onboarding-deadline.handler.js';
import { provisioning } from './onboarding/provisioning.js';
import { PutCustomerIntoCrm } from './onboarding/put-customer-into-crm.handler.js';
import { RecordCrmUpdate } from './onboarding/record-crm-update.handler.js';
import { RecordProvisioning } from './onboarding/record-provisioning.handler.js';
import { RecordSalesAlert } from './onboarding/record-sales-alert.handler.js';
import { RecordWelcome } from './onboarding/record-welcome.handler.js';
import { salesAlert } from './onboarding/sales-alert.js';
import { SendSetupCompleteMail } from './onboarding/send-setup-complete-mail.handler.js';
import { StartOnboarding } from './onboarding/start-onboarding.handler.js';
import { welcome } from './onboarding/welcome.js';
import { purchases } from './thanks/purchases.js';
import { ThankCustomer } from './thanks/thank-customer.handler.js';

/** What growth does, each by itself: one that is slow or down keeps none of the others. */
export const reactions = [
  reaction('welcome-customer', GreetCustomer, RecordWelcome),
  reaction('provision-account', AskForAccount, RecordProvisioning),
  reaction('update-crm', PutCustomerIntoCrm, RecordCrmUpdate, PutLeadIntoCrm),
  reaction('alert-sales', AlertSales, RecordSalesAlert),
  reaction('complete-onboarding', StartOnboarding, NoteOnboardingStep, PassOnboardingDeadline, SendSetupCompleteMail),
  reaction('qualify-leads', QualifyForm, QualifyTrigger, FollowUpLead, TakeLead, CloseLead, WinLead),
  reaction('tailor-content', DraftContent, DecideContent, SendDueContent),
  reaction('thank-customer', ThankCustomer),
];

export const aggregates = [
  ...[mailsAsked, noticesAsked, workspacesAsked, contactsAsked],
  ...[welcome.state, provisioning.state, crmRecord.state, salesAlert.state],
  ...[onboarding, leads, drafts, purchases],
];

export const projections = [repLoads];

/** Reacts to customers who sign up, ask or buy. */
@Service({
  ...{ name: 'growth', reactions, aggregates, projections, config: growthConfig },
  imports: [AgentsModule],
  providers: [Contacts, SalesDesk, ContentDesk],
})
export class GrowthModule {}
