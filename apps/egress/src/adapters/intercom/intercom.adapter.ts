import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import { SANDBOX_QUEUES } from '../../ticket-target.js';
import { assignConversation } from './assign-conversation.js';
import { replyAtIntercom } from './reply.js';

// Intercom takes 10,000 calls a minute per app, spread over windows of 10 s.
const limits = providerLimits('INTERCOM', { sandboxPath: '/intercom', callsPerSecond: 50 });

const settings = z.object({
  /** https://api.intercom.io, or the address of your region */
  ...limits.shape,
  INTERCOM_TOKEN: secret(z.string().min(8)).optional(),
  /** the teammate in whose name we write */
  INTERCOM_ADMIN_ID: z.string().default('991'),
  /** the team of each queue */
  INTERCOM_TEAMS: z.string().default(SANDBOX_QUEUES),
});

export type IntercomSettings = z.output<typeof settings>;

/** Intercom: parts of conversations. It keeps neither keys nor metadata of parts. */
export const intercom = httpAdapter({
  provider: 'intercom',
  settings,
  tools: [replyAtIntercom, assignConversation],
  limits: limits.of,
  headers: ({ INTERCOM_TOKEN }, live) => ({
    authorization: `Bearer ${live ? (INTERCOM_TOKEN ?? '') : 'sandbox'}`,
    'intercom-version': '2.11',
  }),
});
