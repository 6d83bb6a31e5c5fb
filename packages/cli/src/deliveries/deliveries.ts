import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { senderOf } from '../delivery/post.js';
import { databaseUrl } from '../local/service-environment.js';
import { harmless, readable } from '../readable.js';
import type { View } from '../reveal/mask.js';
import { change } from '../operator/change.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { tail } from '../topics/tail.js';
import { deliveryRows, type DeliveryFilter, type DeliveryRow } from './delivery-rows.js';
import { originalOf, type Original } from './original.js';

/** Shows what became of the latest deliveries. */
export async function listDeliveries(context: Context, addresses: Addresses, filter: DeliveryFilter): Promise<void> {
  const rows = await rowsOf(addresses, filter);
  for (const row of rows) context.show(rowText(row, context.colors), row);
  if (rows.length === 0)
    context.note('no such deliveries; `towpath deliveries list --rejected` shows those ingress refused');
}

/** Shows the deliveries that ingress refused. */
export function listRejected(
  context: Context,
  addresses: Addresses,
  limit: number,
  signal: AbortSignal,
): Promise<void> {
  return tail(context, addresses, 'webhooks.rejected', { from: ['beginning'], limit }, signal);
}

/** Shows one delivery with its body. */
export async function showDelivery(context: Context, addresses: Addresses, id: string, view: View): Promise<void> {
  const [row] = await rowsOf(addresses, { id, limit: 1 });
  const original = await originalOf(addresses, id, row ? new Date(row.receivedAt) : undefined);
  const seen = (await view('webhooks.v1.WebhookReceived', original)) as Omit<Original, 'body'> & { body: unknown };
  const body = Buffer.isBuffer(seen.body) ? seen.body.toString('utf8') : String(seen.body);
  const lines = [
    row ? rowText(row, context.colors) : `${id}  not handled by triage yet`,
    `sha256 ${original.sha256}, from ${original.remoteIp}, signed id ${original.signedId ?? 'none'}`,
    harmless(pretty(body)),
    `see every step: towpath trace ${id}`,
  ];
  context.show(lines.join('\n'), { ...row, delivery: readable(seen, true) });
}

/** Posts the original bytes again, signed with the source's present secret: a repeat, which nothing decides again. */
export async function resendDelivery(
  context: Context,
  addresses: Addresses,
  id: string,
  options: ChangeOptions,
): Promise<void> {
  const [row] = await rowsOf(addresses, { id, limit: 1 });
  const original = await originalOf(addresses, id, row ? new Date(row.receivedAt) : undefined);
  const send = senderOf(addresses, original.source);
  const operation = {
    verb: 'deliveries resend',
    target: `delivery ${id}`,
    before: row ? row.outcome : 'not handled yet',
    after: 'sent again',
  };
  const { deliveryId, status } = await change(context, addresses, operation, options, () =>
    send(original.body, original.signedId ?? id),
  );
  const note = deliveryId === id ? 'a repeat: nothing is decided again' : `as a new delivery ${deliveryId}`;
  context.show(`${id} sent again to ${original.source}: ${status}, ${note}`, { id, deliveryId, status });
}

async function rowsOf(addresses: Addresses, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    return await deliveryRows(inspector, filter);
  } finally {
    await inspector.close();
  }
}

export function rowText(row: DeliveryRow, colors: Colors): string {
  const paint = { routed: colors.green, unrouted: colors.yellow, refused: colors.red }[row.outcome];
  const repeats = row.repeats > 0 ? `  again ${row.repeats} ×` : '';
  return (
    `${colors.dim(row.receivedAt)}  ${row.deliveryId}  ${row.source.padEnd(8)}  ${row.type.padEnd(24)}  ` +
    `${paint(row.outcome.padEnd(8))}  ${harmless(row.detail)}  ${colors.dim(row.sha256.slice(0, 12))}${repeats}`
  );
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
