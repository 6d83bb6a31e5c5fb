import type { Adapter } from './adapter.js';
import { accounts } from './adapters/accounts/accounts.adapter.js';
import { carrier } from './adapters/carrier/carrier.adapter.js';
import { crm } from './adapters/crm/crm.adapter.js';
import { gateway } from './adapters/gateway/gateway.adapter.js';
import { github } from './adapters/github/github.adapter.js';
import { hooks } from './adapters/hooks/hooks.adapter.js';
import { intercom } from './adapters/intercom/intercom.adapter.js';
import { pager } from './adapters/pager/pager.adapter.js';
import { slack } from './adapters/slack/slack.adapter.js';
import { smtp } from './adapters/smtp/smtp.adapter.js';
import { stripe } from './adapters/stripe/stripe.adapter.js';
import { zendesk } from './adapters/zendesk/zendesk.adapter.js';

/** Every third party that egress can act at. A new one is a folder of its own and a line here. */
export const adapters: readonly Adapter[] = [
  ...[stripe, zendesk, intercom, github, slack, smtp, hooks],
  ...[carrier, gateway, crm, accounts, pager],
];
