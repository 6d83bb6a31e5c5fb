import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import { SANDBOX_QUEUES } from '../../ticket-target.js';
import { assignZendeskTicket } from './assign-ticket.js';
import { replyAtZendesk } from './reply.js';

// Zendesk's Team plan takes 200 requests a minute; a ticket takes 30 changes in 10 minutes.
const limits = providerLimits('ZENDESK', { sandboxPath: '/zendesk', callsPerSecond: 3 });

const settings = z.object({
  /** such as https://acme.zendesk.com */
  ...limits.shape,
  /** of the agent in whose name we write */
  ZENDESK_EMAIL: z.string().default('towpath@sandbox.localhost'),
  ZENDESK_TOKEN: secret(z.string().min(8)).optional(),
  /** the group of each queue */
  ZENDESK_GROUPS: z.string().default(SANDBOX_QUEUES),
  /** id of a ticket field of several lines, for agents only, that carries the story of what we write; see docs/how-to/own-effects.md */
  ZENDESK_STORY_FIELD: z.coerce.number().int().positive().optional(),
});

export type ZendeskSettings = z.output<typeof settings>;

/** Zendesk Support: comments on tickets, and their group. It keeps no keys for changes; each carries our metadata. */
export const zendesk = httpAdapter({
  provider: 'zendesk',
  settings,
  tools: [replyAtZendesk, assignZendeskTicket],
  limits: limits.of,
  headers: ({ ZENDESK_EMAIL, ZENDESK_TOKEN }, live) => {
    const token = live ? (ZENDESK_TOKEN ?? '') : 'sandbox';
    return { authorization: `Basic ${Buffer.from(`${ZENDESK_EMAIL}/token:${token}`).toString('base64')}` };
  },
});
