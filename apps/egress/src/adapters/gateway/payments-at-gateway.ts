import { listAt, textAt } from '../../answer.js';
import { Unsendable } from '../../failed-call.js';
import type { Read, ToolRequest } from '../../http-adapter.js';
import type { OpenEffect } from '../../ledger.projection.js';
import type { ProbeResult } from '../../provider.js';

/** Payments of one reference, newest first; references are ours, so they are few. */
export async function paymentsOf(reference: string, read: Read): Promise<readonly unknown[]> {
  const query = new URLSearchParams({ reference, limit: '100' });
  const { json } = await read(`/payments?${query.toString()}`);
  return listAt(json, 'data');
}

/** The payment that took money under this name; with `open`, only one of which something is left. */
export async function chargeOf(
  chargeRef: string,
  read: Read,
  { open = false }: { readonly open?: boolean } = {},
): Promise<string | undefined> {
  const all = await paymentsOf(chargeRef, read);
  if (open)
    return textAt(
      all.find((one) => OPEN.has(textAt(one, 'status') ?? '')),
      'id',
    );
  return textAt(
    all.find((one) => TAKEN.has(textAt(one, 'status') ?? '')),
    'id',
  );
}

const OPEN = new Set(['Captured', 'Partially Refunded']);
const TAKEN = new Set([...OPEN, 'Refunded']);

/** What the owner has stored at the gateway. Throws Unsendable when that is nothing. */
export async function instrumentOf(accountId: string, read: Read): Promise<string> {
  const { json } = await read(`/customers/${encodeURIComponent(accountId)}`, { orMissing: true });
  const instrument = textAt(json, 'default');
  if (instrument !== undefined) return instrument;
  throw new Unsendable('NO_PAYMENT_METHOD', `${accountId} has nothing stored at the second gateway`);
}

/** Whether one of these carries the effect. */
export function ownAmong(all: readonly unknown[], { effectId }: OpenEffect): ProbeResult {
  const own = all.find((one) => textAt(one, 'metadata', 'towpath_effect_id') === effectId);
  if (own === undefined) return { kind: 'not-done', detail: 'nothing there carries the effect' };
  const status = textAt(own, 'status');
  if (status === 'Declined') return { kind: 'impossible', code: 'DECLINED', detail: 'it was declined' };
  return { kind: 'done', reference: textAt(own, 'id') ?? effectId };
}

/** A request under the effect's own key. */
export function keyed(effect: OpenEffect, path: string, body: object): ToolRequest {
  return { method: 'POST', path, headers: { 'cko-idempotency-key': effect.idempotencyKey }, body };
}
