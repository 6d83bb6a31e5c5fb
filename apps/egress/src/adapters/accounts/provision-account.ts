import { ProvisionAccount } from '@towpath/contracts/accounts/ProvisionAccount.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { AccountsSettings } from './accounts.adapter.js';
import { pathOf, workspaceOf } from './workspaces.js';

/** A workspace for a customer. */
export const provisionAccount = httpTool<typeof ProvisionAccount, AccountsSettings>({
  command: ProvisionAccount,
  subjectType: 'workspace',
  target: ({ customerId }) => ({ subjectId: customerId, accountId: customerId }),
  request: ({ data, effect }) => ({
    method: 'PUT',
    path: pathOf(data.customerId),
    headers: { 'idempotency-key': effect.idempotencyKey },
    body: { plan: data.plan, company: data.company, owner: { email: data.email, name: data.name } },
  }),
  reference: ({ json }) => textAt(json, 'workspaceId'),
  probe: async ({ data }, read) => {
    const workspace = await workspaceOf(data.customerId, read);
    if (workspace !== undefined) return { kind: 'done', reference: workspace };
    return { kind: 'not-done', detail: `${data.customerId} has no workspace` };
  },
});
