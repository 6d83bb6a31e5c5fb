import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyReleased } from '@towpath/contracts/support/ReplyReleased.v1';
import { ReplySent } from '@towpath/contracts/support/ReplySent.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { TicketHandedOff } from '@towpath/contracts/support/TicketHandedOff.v1';
import { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { TicketTaken } from '@towpath/contracts/support/TicketTaken.v1';
import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import type { PlannedTicket } from './planned-tickets.js';
import type { SeenTicket } from './ticket-verdict.js';

const EVENTS_MAX = 1_000;

/** What support did with each ticket, by its id. */
export async function gatherTickets(inspector: Inspector): Promise<ReadonlyMap<string, SeenTicket>> {
  const [events, deliveries] = await Promise.all([
    inspector.recent({ schema: 'support', limit: EVENTS_MAX }),
    inspector.recent({ schema: 'triage', limit: EVENTS_MAX }),
  ]);
  const stories = new Set(deliveries.map(({ metadata }) => metadata.correlationId));
  const tickets = new Set(of(TicketMessageNoted.type, events).map((event) => String(ticketOf(event))));
  const closed = new Set(of(ReviewClosed.type, events).map(({ data }) => field(data, 'reviewId')));
  const open = of(ReviewRequested.type, events).filter(({ data }) => !closed.has(field(data, 'reviewId')));
  return new Map([...tickets].map((ticketId) => [ticketId, seenOf(ticketId, events, open, stories)]));
}

function seenOf(
  ticketId: string,
  events: readonly InspectedEvent[],
  open: readonly InspectedEvent[],
  stories: ReadonlySet<string>,
): SeenTicket {
  // Newest first, as they were read.
  const own = events.filter((event) => ticketOf(event) === ticketId);
  const released = of(ReplyReleased.type, own);
  const [handed] = of(TicketHandedOff.type, own);
  return {
    ticketId,
    drafts: of(ReplyDrafted.type, own).length,
    specialists: handed ? (handed.data as { path: string[] }).path : ['general'],
    escalated: of(TicketEscalated.type, own).length > 0,
    taken: of(TicketTaken.type, own).length > 0,
    openReviews: open.filter(({ data }) => field(data, 'subjectId') === ticketId).length,
    released: released.length,
    approved: released.filter(({ data }) => field(data, 'approvedBy') !== null).length,
    confirmed: of(ReplySent.type, own).length,
    traced: own.every(({ metadata }) => stories.has(metadata.correlationId)),
  };
}

/** Texts of the replies that reached a ticket's provider, from the sandbox's own log. */
export function repliesTo(planned: PlannedTicket, home: string): string[] {
  const file = join(home, 'sandbox', 'acts.jsonl');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const act = JSON.parse(line) as { provider: string; action: string; subject: string; outcome: string; body: Body };
    if (act.outcome !== 'acted') return [];
    if (planned.source === 'email') return isMailTo(act, planned) ? [act.body.text ?? ''] : [];
    const isReply = act.provider === planned.source && act.action === 'reply' && act.subject === planned.id;
    return isReply ? [textOf(act.body)] : [];
  });
}

interface Body {
  readonly text?: string;
  readonly subject?: string;
  readonly body?: string;
  readonly comment?: { readonly body?: string };
}

function isMailTo({ provider, body }: { provider: string; body: Body }, { id }: PlannedTicket): boolean {
  return provider === 'smtp' && (body.subject ?? '').includes(id);
}

function textOf({ body, comment }: Body): string {
  return comment?.body ?? body ?? '';
}

function of(type: string, events: readonly InspectedEvent[]): InspectedEvent[] {
  return events.filter((event) => event.type === type);
}

function ticketOf({ data }: InspectedEvent): unknown {
  return field(data, 'ticketId');
}

function field(data: unknown, name: string): unknown {
  return (data as Record<string, unknown> | null)?.[name];
}
