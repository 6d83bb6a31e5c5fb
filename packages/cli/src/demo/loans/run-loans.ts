import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import { portVariables } from '@towpath/stack/ports';
import { loadSources } from '@towpath/sources/load';
import { signStandard } from '@towpath/sources/sign';
import { sourceFilesOf } from '../../local/local-sources.js';
import type { LocalPlatform } from '../../local/platform.js';
import { repository } from '../../repository.js';
import { loanProblems, loanSummary, type LoanRow, type LoanSummary, type SeenLoan } from './loan-verdict.js';
import { plannedLoans, type PlannedLoan } from './planned-loans.js';

/** What came of the demo's loan applications. */
export interface LoanReport {
  readonly rows: readonly LoanRow[];
  /** what was not as it must be */
  readonly problems: readonly string[];
  readonly summary: LoanSummary;
}

interface Options {
  readonly seed: string;
  readonly signal: AbortSignal;
}

const WAIT_MS_MAX = 30_000;
const LOOK_MS = 200;
const CLI_MS_MAX = 30_000;
const EVENTS_MAX = 1_000;

/**
 * Sends three loan applications, lets a person approve the one that is theirs by the command line, and holds what became of each
 * against what must be.
 */
export async function runLoans(platform: LocalPlatform, inspector: Inspector, options: Options): Promise<LoanReport> {
  const { seed, signal } = options;
  const sent: Omit<LoanRow, 'seen'>[] = [];
  for (const planned of plannedLoans(seed, new Date())) {
    await tellBureau(platform, planned);
    sent.push({ planned, sentAt: Date.now(), answer: await deliver(platform, planned) });
  }
  const look = async (): Promise<LoanRow[]> => {
    const events = await inspector.recent({ schema: 'lending', limit: EVENTS_MAX });
    return sent.map((one) => ({ ...one, seen: seenOf(one.planned.applicationId, events) }));
  };
  const theirs = sent.filter(({ planned }) => planned.end === 'approved by a person').map(({ planned }) => planned);
  await waitFor(look, signal, (rows) =>
    rows.every(({ planned, seen }) => !theirs.includes(planned) || seen.openReviews > 0),
  );
  for (const { applicationId } of theirs) await approve(platform, applicationId);
  const rows = await waitFor(look, signal, (seen) => loanProblems(seen).length === 0);
  return { rows, problems: loanProblems(rows), summary: loanSummary(rows) };
}

async function tellBureau({ around }: LocalPlatform, { applicantRef, report }: PlannedLoan): Promise<void> {
  const url = `http://127.0.0.1:${around.ports.sandbox}/sandbox/bureau/${applicantRef}`;
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(report) });
  if (!answer.ok) throw new Error(`SANDBOX_REFUSED: ${url} answered ${answer.status}: ${await answer.text()}`);
}

async function deliver({ home, around }: LocalPlatform, { applicationId, body }: PlannedLoan): Promise<number> {
  const secret = loadSources(sourceFilesOf(home)).get('loans')?.credentials[0]?.text;
  if (secret === undefined)
    throw new Error('SOURCE_MISSING: the demo needs the source loans; run `towpath sources add loans`');
  const text = JSON.stringify(body);
  const answer = await fetch(`http://127.0.0.1:${around.ports.ingress}/webhooks/loans`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signStandard(secret, `msg_${applicationId}`, text, new Date()) },
    body: text,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** A person approves what was proposed, the way people do. What comes of it is seen in the store. */
function approve({ home, around }: LocalPlatform, applicationId: string): Promise<void> {
  const environment = { ...process.env, ...portVariables(around.ports), TOWPATH_HOME: home };
  const why = ['--code', 'payslips-seen', '--reason', 'payslips and statements were checked'];
  const program = join(repository, 'packages', 'cli', 'dist', 'main.js');
  const child = spawn(process.execPath, [program, 'review', 'decide', applicationId, 'approve', ...why], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: CLI_MS_MAX,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
}

function seenOf(applicationId: string, events: readonly InspectedEvent[]): SeenLoan {
  const of = <Data>(type: string, key = 'applicationId'): { data: Data; at: number }[] =>
    events
      .filter((event) => event.type === type && (event.data as Record<string, unknown>)[key] === applicationId)
      .map(({ data, occurredAt }) => ({ data: data as Data, at: occurredAt.getTime() }));
  const approvals = of<SeenLoan['approvals'][number]>(LoanApproved.type);
  const refusals = of<SeenLoan['refusals'][number]>(LoanDeclined.type);
  const requested = of<{ reviewId: string }>(ReviewRequested.type, 'subjectId');
  const closed = events
    .filter(({ type }) => type === ReviewClosed.type)
    .map(({ data }) => (data as { reviewId: string }).reviewId);
  const decided = [...approvals, ...refusals].map(({ at }) => at);
  return {
    analyses: of<SeenLoan['analyses'][number]>(CreditAnalyzed.type).map(({ data }) => data),
    approvals: approvals.map(({ data }) => data),
    refusals: refusals.map(({ data }) => data),
    openReviews: requested.filter(({ data }) => !closed.includes(data.reviewId)).length,
    decidedAt: decided.length === 0 ? null : Math.min(...decided),
  };
}

async function waitFor(
  look: () => Promise<LoanRow[]>,
  signal: AbortSignal,
  enough: (rows: readonly LoanRow[]) => boolean,
): Promise<LoanRow[]> {
  const deadline = performance.now() + WAIT_MS_MAX;
  for (;;) {
    const rows = await look();
    if (enough(rows) || performance.now() > deadline || signal.aborted) return rows;
    await delay(LOOK_MS);
  }
}
