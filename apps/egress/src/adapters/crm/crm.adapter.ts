import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { textAt, verdictOf } from '../../answer.js';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import { upsertAtCrm } from './upsert-contact.js';

// HubSpot takes 110 calls in 10 seconds from one app.
const limits = providerLimits('CRM', {
  ...{ sandboxPath: '/crm', sandboxCallsPerSecond: 2_000, callsPerSecond: 10 },
});

const settings = z.object({
  /** https://api.hubapi.com */
  ...limits.shape,
  CRM_TOKEN: secret(z.string().min(8)).optional(),
});

export type CrmSettings = z.output<typeof settings>;

/** How long a repeat is harmless: the same contact with the same properties is no second one. */
const KEY_WINDOW_MS = 24 * 3_600_000;

/** Contacts, by HubSpot's API. An upsert by address makes one contact however often it comes. */
export const crm = httpAdapter({
  provider: 'crm',
  settings,
  tools: [upsertAtCrm],
  limits: limits.of,
  headers: ({ CRM_TOKEN }, live) => ({ authorization: `Bearer ${live ? (CRM_TOKEN ?? '') : 'sandbox'}` }),
  keyWindowMs: () => KEY_WINDOW_MS,
  verdict: (answer) => {
    // Of several inputs some may fail with status 207; we send one.
    if (answer.status !== 207) return verdictOf(answer);
    const detail = textAt(answer.json, 'errors', 0, 'message') ?? 'the contact was not taken';
    return { kind: 'refused', code: textAt(answer.json, 'errors', 0, 'category') ?? 'REFUSED_BY_PROVIDER', detail };
  },
});
