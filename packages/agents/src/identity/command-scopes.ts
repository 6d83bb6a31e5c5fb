import type { Taint } from '@towpath/contracts/taint';
import type { Scope } from './scope.js';

/** What it takes to ask egress for something. */
export interface CommandRule {
  /** what an agent has to hold */
  readonly scope: Scope;
  /** the most restrictive label with which a service's own rules may ask for it, without an agent's proof or a person's word */
  readonly accepts: Taint;
}

/**
 * What asking for each effect takes, by the type of the command. Money and words that go out need more than text from outside;
 * what only sorts work or reads does not.
 */
export const COMMAND_RULES: Readonly<Record<string, CommandRule>> = {
  'payments.v1.CapturePayment': { scope: 'payments:capture', accepts: 'provider' },
  'payments.v1.CancelPayment': { scope: 'payments:cancel', accepts: 'provider' },
  'payments.v1.RefundPayment': { scope: 'payments:refund', accepts: 'provider' },
  'payments.v1.HoldPayouts': { scope: 'payouts:hold', accepts: 'provider' },
  'payments.v1.ReleasePayouts': { scope: 'payouts:release', accepts: 'provider' },
  'payments.v1.HaltCaptures': { scope: 'accounts:freeze', accepts: 'provider' },
  'payments.v1.ResumeCaptures': { scope: 'accounts:unfreeze', accepts: 'provider' },
  'payments.v1.FetchPaymentContext': { scope: 'payments:read', accepts: 'untrusted' },
  'tickets.v1.SendTicketReply': { scope: 'tickets:reply', accepts: 'provider' },
  'tickets.v1.AssignTicket': { scope: 'tickets:assign', accepts: 'untrusted' },
  'mail.v1.SendMail': { scope: 'mail:send', accepts: 'provider' },
  'notices.v1.PostNotice': { scope: 'notices:post', accepts: 'untrusted' },
  'code.v1.PostCodeComment': { scope: 'code:comment', accepts: 'provider' },
  'hooks.v1.SendWebhook': { scope: 'hooks:send', accepts: 'provider' },
  'payments.v1.ChargeCard': { scope: 'payments:charge', accepts: 'provider' },
  'payments.v1.RefundCharge': { scope: 'payments:refund', accepts: 'provider' },
  'payments.v1.ChargeAtAlternateGateway': { scope: 'payments:charge', accepts: 'provider' },
  'payments.v1.RefundAtAlternateGateway': { scope: 'payments:refund', accepts: 'provider' },
  'payments.v1.CreditAtAlternateGateway': { scope: 'payments:credit', accepts: 'provider' },
  'billing.v1.PauseSubscription': { scope: 'billing:pause', accepts: 'provider' },
  'billing.v1.ResumeSubscription': { scope: 'billing:resume', accepts: 'provider' },
  'billing.v1.RetryInvoice': { scope: 'billing:collect', accepts: 'provider' },
  'shipping.v1.BookShipment': { scope: 'shipping:book', accepts: 'provider' },
  'shipping.v1.CancelShipment': { scope: 'shipping:cancel', accepts: 'provider' },
  'crm.v1.UpsertContact': { scope: 'crm:upsert', accepts: 'untrusted' },
  'accounts.v1.ProvisionAccount': { scope: 'accounts:provision', accepts: 'provider' },
  'accounts.v1.DeprovisionAccount': { scope: 'accounts:deprovision', accepts: 'provider' },
  'pages.v1.PageOnCall': { scope: 'pages:send', accepts: 'untrusted' },
  'credit.v1.FetchCreditReport': { scope: 'credit:read', accepts: 'untrusted' },
};
