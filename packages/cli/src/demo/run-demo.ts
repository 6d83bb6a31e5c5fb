import { setTimeout as delay } from 'node:timers/promises';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { loadSources } from '@towpath/sources/load';
import { sourceFilesOf } from '../local/local-sources.js';
import type { LocalPlatform } from '../local/platform.js';
import { databaseUrl } from '../local/service-environment.js';
import { isComplete, verdictOf, type DemoRow, type Evidence, type SentDelivery } from './demo-verdict.js';
import { gatherEvidence } from './gather-evidence.js';
import { loanRow } from './loans/loan-verdict.js';
import { runLoans } from './loans/run-loans.js';
import { runSagas } from './sagas/run-sagas.js';
import { storyRow } from './sagas/saga-verdict.js';
import { runTickets } from './tickets/run-tickets.js';
import { ticketRow } from './tickets/ticket-verdict.js';
import { plannedDeliveries, type PlannedDelivery } from './planned-deliveries.js';

export interface DemoOptions {
  readonly json: boolean;
  readonly signal: AbortSignal;
  write(line: string): void;
  /** the same seed gives the same deliveries */
  readonly seed?: string;
}

const WAIT_MS_MAX = 20_000;
/** After everything has come, this long nothing more may come. */
const SETTLE_MS = 1_500;

/**
 * Sends the thirty deliveries of the demo, twelve tickets, three loan applications and six stories of sagas and of a sign-up to a fresh platform, waits for
 * their decisions and effects, and holds them against what must be. The last line is `DEMO {…}`.
 */
export async function runDemo(platform: LocalPlatform, options: DemoOptions): Promise<{ ok: boolean }> {
  const { home, around } = platform;
  const inspector = openInspector({ url: databaseUrl(around, 'towpath_reader') });
  try {
    const sent = await sendAll(platform, options);
    await settled(inspector, home, sent, options.signal);
    const { seed = 'demo', signal } = options;
    const tickets = await runTickets(platform, inspector, { seed, signal });
    const loans = await runLoans(platform, inspector, { seed, signal });
    const sagas = await runSagas(platform, inspector, { seed, signal });
    // Looked at again: a dead letter of a ticket, an application or a saga counts, too.
    const evidence = await gatherEvidence(inspector, home, sent);
    const { rows: ofPayments, problems: problemsOfPayments, summary } = verdictOf(evidence);
    const rows = [
      ...[...ofPayments, ...tickets.rows.map(ticketRow), ...loans.rows.map(loanRow)],
      ...sagas.rows.map(storyRow),
    ];
    const problems = [...problemsOfPayments, ...tickets.problems, ...loans.problems, ...sagas.problems];
    if (options.json) for (const row of rows) options.write(JSON.stringify(row));
    else for (const line of tableOf(rows)) options.write(line);
    for (const problem of problems) options.write(`NOT AS IT MUST BE: ${problem}`);
    const more = { tickets: tickets.summary, loans: loans.summary, sagas: sagas.summary };
    options.write(`DEMO ${JSON.stringify({ ...summary, ...more })}`);
    return { ok: problems.length === 0 };
  } finally {
    await inspector.close();
  }
}

async function sendAll({ home, around }: LocalPlatform, options: DemoOptions): Promise<SentDelivery[]> {
  const secret = loadSources(sourceFilesOf(home)).get('stripe')?.credentials[0]?.text;
  if (secret === undefined)
    throw new Error('SOURCE_MISSING: the demo needs the source stripe; run `towpath sources add stripe`');
  const planned = plannedDeliveries(options.seed ?? 'demo', secret, new Date());
  for (const { paymentId, atProvider } of planned) {
    if (atProvider) await put(`http://127.0.0.1:${around.ports.sandbox}/sandbox/payments/${paymentId}`, atProvider);
  }
  const sent: SentDelivery[] = [];
  for (const one of planned) {
    if (options.signal.aborted) break;
    if (one.pauseMs > 0) await delay(one.pauseMs);
    sent.push(await send(one, `http://127.0.0.1:${around.ports.ingress}/webhooks/stripe`));
  }
  return sent;
}

async function send(planned: PlannedDelivery, url: string): Promise<SentDelivery> {
  const sentAt = Date.now();
  const answer = await fetch(url, { method: 'POST', headers: planned.headers, body: planned.body });
  await answer.arrayBuffer();
  return { planned, status: answer.status, sentAt };
}

async function put(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`SANDBOX_REFUSED: ${url} answered ${answer.status}: ${await answer.text()}`);
}

async function settled(
  inspector: Inspector,
  home: string,
  sent: readonly SentDelivery[],
  signal: AbortSignal,
): Promise<Evidence> {
  const deadline = performance.now() + WAIT_MS_MAX;
  let evidence = await gatherEvidence(inspector, home, sent);
  while (!isComplete(evidence) && performance.now() < deadline && !signal.aborted) {
    await delay(100);
    evidence = await gatherEvidence(inspector, home, sent);
  }
  await delay(SETTLE_MS);
  return gatherEvidence(inspector, home, sent);
}

function tableOf(rows: readonly DemoRow[]): string[] {
  const header: Record<keyof DemoRow, string> = {
    delivery: 'delivery',
    answer: 'answer',
    decision: 'decision',
    effect: 'effect',
    ms: 'ms',
  };
  const cells = [header, ...rows].map((row) => [
    row.delivery,
    String(row.answer),
    row.decision,
    row.effect,
    String(row.ms ?? '-'),
  ]);
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells.map((line) =>
    line
      .map((cell, column) => (column === 4 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join('  '),
  );
}
