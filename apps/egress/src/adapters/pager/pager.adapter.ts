import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import { pageOnCall } from './page-on-call.js';

// PagerDuty's REST API takes 960 requests a minute.
const limits = providerLimits('PAGER', {
  ...{ sandboxPath: '/pager', sandboxCallsPerSecond: 500, callsPerSecond: 10, concurrency: 4 },
});

const settings = z.object({
  /** https://api.pagerduty.com */
  ...limits.shape,
  PAGER_TOKEN: secret(z.string().min(8)).optional(),
  /** address of the user in whose name incidents are opened */
  PAGER_FROM: z.string().default('towpath@sandbox.localhost'),
  /** the service whose escalation policy says who is woken */
  PAGER_SERVICE_ID: z.string().default('SANDBOX'),
});

export type PagerSettings = z.output<typeof settings>;

/** Whoever is on call, by PagerDuty's API. While an incident of a key is open there is no second. */
export const pager = httpAdapter({
  provider: 'pager',
  settings,
  tools: [pageOnCall],
  limits: limits.of,
  headers: ({ PAGER_TOKEN, PAGER_FROM }, live) => ({
    authorization: `Token token=${live ? (PAGER_TOKEN ?? '') : 'sandbox'}`,
    accept: 'application/vnd.pagerduty+json;version=2',
    from: PAGER_FROM,
  }),
});
