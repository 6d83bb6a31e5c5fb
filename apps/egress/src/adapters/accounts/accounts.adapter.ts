import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { httpAdapter } from '../../http-adapter.js';
import { providerLimits } from '../../provider-limits.js';
import { deprovisionAccount } from './deprovision-account.js';
import { provisionAccount } from './provision-account.js';

const limits = providerLimits('ACCOUNTS', {
  ...{ sandboxPath: '/accounts', sandboxCallsPerSecond: 2_000, callsPerSecond: 20 },
});

const settings = z.object({
  /** your own product's API for workspaces; see docs/how-to/providers.md */
  ...limits.shape,
  ACCOUNTS_TOKEN: secret(z.string().min(8)).optional(),
});

export type AccountsSettings = z.output<typeof settings>;

/** How long a repeat is harmless: putting a workspace that is there changes nothing. */
const KEY_WINDOW_MS = 24 * 3_600_000;

/** Workspaces of customers. Each is put under its customer's id, so a repeat is the same workspace. */
export const accounts = httpAdapter({
  provider: 'accounts',
  settings,
  tools: [provisionAccount, deprovisionAccount],
  limits: limits.of,
  headers: ({ ACCOUNTS_TOKEN }, live) => ({ authorization: `Bearer ${live ? (ACCOUNTS_TOKEN ?? '') : 'sandbox'}` }),
  keyWindowMs: () => KEY_WINDOW_MS,
});
