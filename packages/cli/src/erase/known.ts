import { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { DeliveryBytesKept } from '@towpath/contracts/triage/DeliveryBytesKept.v1';
import type { Inspector } from '@towpath/event-store/inspect';

/** What the stores know of a customer, seen from outside: without any key. */
export interface Known {
  /** events that say something about one of the customer's payments */
  readonly payments: number;
  /** deliveries whose bytes are kept under the customer's key */
  readonly deliveries: number;
  /** rows of projections, as `<service>/<projection>` */
  readonly rows: readonly string[];
  /** when the customer was erased first, milliseconds since the epoch; null = never */
  readonly erasedAt: number | null;
}

/** Reads every store; the events of triage wholly. */
export async function knownOf(inspector: Inspector, subject: string): Promise<Known> {
  const count = async (types: readonly string[], field: string): Promise<number> => {
    const [row] = await inspector.query<{ n: number }>(
      'select count(*)::int as n from triage.events where type = any ($1) and data ->> $2 = $3',
      [types, field, subject],
    );
    return row?.n ?? 0;
  };
  const rows: string[] = [];
  for (const schema of await inspector.schemas()) {
    const found = await inspector.query<{ name: string }>(
      `select name from "${schema}".projections where key = $1 order by name`,
      [subject],
    );
    rows.push(...found.map(({ name }) => `${schema}/${name}`));
  }
  const [erased] = await inspector.query<{ at: string }>(
    `select data ->> 'firstErasedAt' as at from triage.events where stream = $1 and type = $2 order by version limit 1`,
    [`${SubjectErased.stream}-${subject}`, SubjectErased.type],
  );
  return {
    payments: await count([ChargeSucceeded.type, PaymentFailed.type], 'accountId'),
    deliveries: await count([DeliveryBytesKept.type], 'owner'),
    rows,
    erasedAt: erased ? Number(erased.at) : null,
  };
}

/** True when no service has heard of the customer: most likely the id is wrong. */
export function isUnknown({ payments, deliveries, rows, erasedAt }: Known): boolean {
  return payments + deliveries + rows.length === 0 && erasedAt === null;
}

/** The state before, for people. */
export function knownText({ payments, deliveries, rows, erasedAt }: Known): string {
  const parts = [`${payments} payment events`, `${deliveries} kept deliveries`, `${rows.length} rows`];
  if (rows.length > 0) parts.push(rows.join(', '));
  if (erasedAt !== null) parts.push(`erased first at ${new Date(erasedAt).toISOString()}`);
  return parts.join(' · ');
}
