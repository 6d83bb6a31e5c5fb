import { DeprovisionAccount } from '@towpath/contracts/accounts/DeprovisionAccount.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { AccountsSettings } from './accounts.adapter.js';
import { pathOf, workspaceOf } from './workspaces.js';

/** What closing nothing is known by. */
const NOTHING = 'nothing-provisioned';

/** Closes the workspace of a customer. */
export const deprovisionAccount = httpTool<typeof DeprovisionAccount, AccountsSettings>({
  command: DeprovisionAccount,
  subjectType: 'workspace',
  target: ({ customerId }) => ({ subjectId: customerId, accountId: customerId }),
  locate: async ({ data }, read) => {
    const workspace = await workspaceOf(data.customerId, read);
    return workspace === undefined ? { kind: 'settled', reference: NOTHING } : { kind: 'found', id: workspace };
  },
  request: ({ data, effect }) => ({
    method: 'DELETE',
    path: pathOf(data.customerId),
    headers: { 'idempotency-key': effect.idempotencyKey },
  }),
  reference: ({ json }) => textAt(json, 'workspaceId'),
  probe: async ({ data }, read) => {
    const workspace = await workspaceOf(data.customerId, read);
    if (workspace === undefined) return { kind: 'done', reference: NOTHING };
    return { kind: 'not-done', detail: `${workspace} is open` };
  },
});
