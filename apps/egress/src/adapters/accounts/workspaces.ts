import { Unsendable } from '../../failed-call.js';
import { textAt } from '../../answer.js';
import type { Read } from '../../http-adapter.js';

/** The path of a customer's workspace; throws Unsendable for an id that could lead elsewhere. */
export function pathOf(customerId: string): string {
  if (/^[A-Za-z0-9_.:-]{1,128}$/.test(customerId) && !/^\.+$/.test(customerId))
    return `/v1/workspaces/${encodeURIComponent(customerId)}`;
  throw new Unsendable('CUSTOMER_ID_INVALID', 'the customer id is none that a workspace could have');
}

/** The workspace that a customer has; undefined for none, or one that was closed. */
export async function workspaceOf(customerId: string, read: Read): Promise<string | undefined> {
  const { status, json } = await read(pathOf(customerId), { orMissing: true });
  return status === 404 || textAt(json, 'status') === 'closed' ? undefined : textAt(json, 'workspaceId');
}
