import { SendWebhook } from '@towpath/contracts/hooks/SendWebhook.v1';
import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { defineAdapter, defineTool } from '../../adapter.js';
import { endpointsSetting } from './endpoints.js';
import { breakerOf } from './hook-subject.js';
import { HooksProvider } from './hooks-provider.js';
import { PUBLISHED_SCHEDULE, scheduleSetting } from './schedule.js';

const count = (fallback: number) => z.coerce.number().int().positive().default(fallback);

const settings = z.object({
  HOOK_ENDPOINTS: secret(endpointsSetting).prefault('{}'),
  HOOK_SCHEDULE: scheduleSetting.prefault(PUBLISHED_SCHEDULE),
  /** a receiver has 15 s by Standard Webhooks' advice */
  HOOK_CALL_MS_MAX: count(15_000),
  /** to each endpoint */
  HOOK_CALLS_PER_SECOND: z.coerce.number().positive().default(20),
  HOOK_CONCURRENCY: count(16),
  HOOK_BREAKER_FAILURES: count(20),
  HOOK_BREAKER_OPEN_MS: count(5_000),
});

export type HookSettings = z.output<typeof settings>;

/**
 * Signed webhooks to partners (Standard Webhooks). Receivers drop repeats by `webhook-id`, so what was not taken is sent
 * again by the published schedule; an endpoint that took nothing to its end is disabled until a person resets it.
 */
export const hooks = defineAdapter({
  provider: 'hooks',
  settings,
  tools: [
    defineTool({
      command: SendWebhook,
      subjectType: 'webhook',
      target: ({ endpoint, hookId, subjectId }) => ({ subjectId: `${endpoint}/${hookId}`, accountId: subjectId }),
      breaker: breakerOf,
    }),
  ],
  open: (values, around) => new HooksProvider(values, around),
});
