import type { Inspector } from '@towpath/event-store/inspect';
import { nameOf } from '../watch/watch-line.js';

/** What became of a delivery that ingress took, as triage recorded it. */
export interface DeliveryRow {
  readonly deliveryId: string;
  readonly source: string;
  /** the provider's event type */
  readonly type: string;
  readonly outcome: 'routed' | 'unrouted' | 'refused';
  /** contracts it became, or why it became none */
  readonly detail: string;
  readonly sha256: string;
  /** how often it came again */
  readonly repeats: number;
  readonly receivedAt: string;
}

export interface DeliveryFilter {
  readonly id?: string;
  readonly source?: string;
  readonly type?: string;
  readonly outcome?: string;
  readonly limit: number;
}

interface StoredRow {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly repeats: number;
}

const OUTCOMES: Readonly<Record<string, DeliveryRow['outcome']>> = {
  'triage.v1.DeliveryRouted': 'routed',
  'triage.v1.DeliveryUnrouted': 'unrouted',
  'triage.v1.DeliveryRefused': 'refused',
};

/** Deliveries from triage's store, newest first, without those whose content is in the archive. */
export async function deliveryRows(inspector: Inspector, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const types = Object.keys(OUTCOMES).filter(
    (type) => filter.outcome === undefined || OUTCOMES[type] === filter.outcome,
  );
  const rows = await inspector.query<StoredRow>(
    `select found.type, found.data, coalesce((select sum(i.repeats) from triage.inbox i
       where i.event_id = found.data ->> 'deliveryId'), 0)::int as repeats
     from (select e.type, e.data, e.position from triage.events e
       where e.type = any($1) and e.archived_at is null and ($2::text is null or e.stream = 'delivery-' || $2)
         and ($3::text is null or e.data ->> 'source' = $3) and ($4::text is null or e.data ->> 'providerType' = $4)
       order by e.position desc limit $5) found
     order by found.position desc`,
    [types, filter.id ?? null, filter.source ?? null, filter.type ?? null, filter.limit],
  );
  return rows.map(rowOf);
}

/** A stored event in the form that is shown. */
export function rowOf({ type, data, repeats }: StoredRow): DeliveryRow {
  const outcome = OUTCOMES[type] ?? 'unrouted';
  return {
    deliveryId: String(data['deliveryId']),
    source: String(data['source']),
    type: String(data['providerType']),
    outcome,
    detail: detailOf(outcome, data),
    sha256: String(data['sha256']),
    repeats,
    receivedAt: new Date(Number(data['receivedAt'])).toISOString(),
  };
}

function detailOf(outcome: DeliveryRow['outcome'], data: StoredRow['data']): string {
  if (outcome === 'routed') return (data['routedTo'] as string[]).map(nameOf).join(', ');
  if (outcome === 'unrouted') return String(data['reason']);
  return [data['code'], data['detail']].filter((part) => typeof part === 'string').join(': ');
}
