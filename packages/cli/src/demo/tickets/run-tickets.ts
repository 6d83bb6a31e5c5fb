import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Inspector } from '@towpath/event-store/inspect';
import { portVariables } from '@towpath/stack/ports';
import { loadSources } from '@towpath/sources/load';
import { sourceFilesOf } from '../../local/local-sources.js';
import type { LocalPlatform } from '../../local/platform.js';
import { repository } from '../../repository.js';
import { gatherTickets, repliesTo } from './gather-tickets.js';
import { plannedTickets, signedBody, type PlannedTicket } from './planned-tickets.js';
import {
  ticketProblems,
  ticketSummary,
  type SeenTicket,
  type TicketRow,
  type TicketSummary,
} from './ticket-verdict.js';

/** What came of the demo's tickets. */
export interface TicketReport {
  readonly rows: readonly TicketRow[];
  /** what was not as it must be */
  readonly problems: readonly string[];
  readonly summary: TicketSummary;
}

interface Options {
  readonly seed: string;
  readonly signal: AbortSignal;
}

const WAIT_MS_MAX = 30_000;
const LOOK_MS = 250;
const CLI_MS_MAX = 30_000;

/**
 * Sends twelve tickets, lets a person answer one of them and another approve a draft by the command line, and holds what became of
 * each against what must be.
 */
export async function runTickets(
  platform: LocalPlatform,
  inspector: Inspector,
  { seed, signal }: Options,
): Promise<TicketReport> {
  const planned = plannedTickets(seed, new Date());
  const answers = new Map<PlannedTicket, number[]>();
  for (const ticket of planned) answers.set(ticket, signal.aborted ? [] : [await deliver(platform, ticket, 0)]);
  const look = async (): Promise<TicketRow[]> =>
    rowsOf(planned, answers, await gatherTickets(inspector), platform.home);
  // A person answers once the bot has drafted, so that there is something to drop.
  const ofPeople = planned.filter(({ bodies }) => bodies.length > 1);
  await waitFor(look, signal, (rows) => seenOf(ofPeople, rows).every(({ drafts }) => drafts > 0));
  for (const ticket of ofPeople) if (!signal.aborted) answers.get(ticket)!.push(await deliver(platform, ticket, 1));
  const toApprove = planned.filter(({ end }) => end === 'approved');
  const ready = await waitFor(look, signal, (rows) => seenOf(toApprove, rows).every((seen) => seen.openReviews > 0));
  let decidedByCli = 0;
  for (const { ticketId } of seenOf(toApprove, ready)) {
    if (!signal.aborted && (await approve(platform, ticketId))) decidedByCli += 1;
  }
  const rows = await waitFor(look, signal, (seen) => ticketProblems(seen).length === 0);
  return { rows, problems: ticketProblems(rows), summary: ticketSummary(rows, decidedByCli) };
}

/** Delivers a body of a ticket; answers what ingress said. */
async function deliver({ home, around }: LocalPlatform, ticket: PlannedTicket, index: number): Promise<number> {
  const secret = loadSources(sourceFilesOf(home)).get(ticket.source)?.credentials[0]?.text;
  if (secret === undefined) throw new Error(`SOURCE_MISSING: the demo needs the source ${ticket.source}`);
  const { body, headers } = signedBody(ticket.source, secret, ticket.bodies[index]!, new Date());
  const answer = await fetch(`http://127.0.0.1:${around.ports.ingress}/webhooks/${ticket.source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** A person approves the draft of a ticket, the way people do; answers whether it was done. */
function approve({ home, around }: LocalPlatform, ticketId: string): Promise<boolean> {
  const environment = { ...process.env, ...portVariables(around.ports), TOWPATH_HOME: home };
  const words = ['review', 'decide', ticketId, 'approve', '--code', 'correct', '--reason', 'read it, and it is right'];
  const program = join(repository, 'packages', 'cli', 'dist', 'main.js');
  const child = spawn(process.execPath, [program, ...words], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: CLI_MS_MAX,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
}

function rowsOf(
  planned: readonly PlannedTicket[],
  answers: ReadonlyMap<PlannedTicket, number[]>,
  tickets: ReadonlyMap<string, SeenTicket>,
  home: string,
): TicketRow[] {
  return planned.map((ticket) => {
    const seen = [...tickets.values()].find(({ ticketId }) => isOf(ticket, ticketId));
    const replies = repliesTo(ticket, home);
    return { planned: ticket, answers: answers.get(ticket) ?? [], replies, ...(seen && { seen }) };
  });
}

/** The demo has one e-mail, whose thread is a hash. */
function isOf({ source, id }: PlannedTicket, ticketId: string): boolean {
  return ticketId.startsWith(`${source}:`) && (source === 'email' || ticketId.endsWith(`:${id}`));
}

function seenOf(tickets: readonly PlannedTicket[], rows: readonly TicketRow[]): SeenTicket[] {
  const none = { ticketId: '', drafts: 0, specialists: [], escalated: false, taken: false, openReviews: 0 };
  const unknown: SeenTicket = { ...none, released: 0, approved: 0, confirmed: 0, traced: false };
  return tickets.map((ticket) => rows.find(({ planned }) => planned === ticket)?.seen ?? unknown);
}

async function waitFor(
  look: () => Promise<TicketRow[]>,
  signal: AbortSignal,
  enough: (rows: readonly TicketRow[]) => boolean,
): Promise<TicketRow[]> {
  const deadline = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const rows = await look();
    if (enough(rows) || performance.now() > deadline || signal.aborted) return rows;
    await delay(LOOK_MS);
  }
}
