import { openInspector, type InspectedEvent, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { harmless, readable } from '../readable.js';
import type { View } from '../reveal/mask.js';
import { nameOf } from '../watch/watch-line.js';
import { dollars, runLine } from './list.js';
import { runRows, type RunRow } from './run-rows.js';

type Data = Readonly<Record<string, unknown>>;

/** Shows one run step by step; what it saw and said only in a view that reveals. */
export async function showRun(context: Context, addresses: Addresses, runId: string, view: View): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const row = await runById(inspector, runId);
    const events = await journalOf(inspector, row, view);
    const lines = events.map(({ event, data }) => lineOf(event, data));
    const ends = [`message ${row.causationId} · towpath trace ${row.correlationId}`];
    context.show(harmless([runLine(row, context.colors), ...lines, ...ends].join('\n')), {
      ...row,
      events: events.map(({ event, data }) => ({
        ...{ version: event.version, type: event.type, occurredAt: event.occurredAt, data: readable(data, false) },
      })),
    });
  } finally {
    await inspector.close();
  }
}

/** The run with this id or the only one that begins so. Throws RUN_NOT_FOUND, RUN_AMBIGUOUS. */
export async function runById(inspector: Inspector, runId: string): Promise<RunRow> {
  if (!/^[0-9a-f-]{4,36}$/.test(runId)) throw new CliError('RUN_NOT_FOUND', `"${runId}" is no id of a run.`);
  const [row, other] = await runRows(inspector, { runId }, 2);
  if (!row) throw new CliError('RUN_NOT_FOUND', `no store has a run ${runId}; see \`towpath runs list\`.`);
  if (other) throw new CliError('RUN_AMBIGUOUS', `several runs begin with ${runId}; give more of the id.`);
  return row;
}

async function journalOf(inspector: Inspector, { service, runId }: RunRow, view: View) {
  const schema = service.replaceAll('-', '_');
  const ids = await inspector.query<{ id: string }>(
    `select id from "${schema}".events where stream = 'agent-run-' || $1 order by version`,
    [runId],
  );
  const events = await Promise.all(ids.map(({ id }) => inspector.eventById(id)));
  const found = events.filter((event) => event !== undefined);
  return Promise.all(found.map(async (event) => ({ event, data: (await view(event.type, event.data)) as Data })));
}

function lineOf({ version, type, occurredAt }: InspectedEvent, data: Data): string {
  return `${String(version).padStart(4)}  ${occurredAt.toISOString()}  ${nameOf(type).padEnd(15)}  ${wordsOf(nameOf(type), data)}`;
}

/** A personal value stands in one field, what names nobody in its twin. */
function valueOf(data: Data, name: string): string | null {
  const value = data[name] ?? data[`plain${name[0]!.toUpperCase()}${name.slice(1)}`];
  return typeof value === 'string' ? value : null;
}

function textOf(data: Data, field: string): string {
  const value = data[field];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function wordsOf(name: string, data: Data): string {
  const text = (field: string) => textOf(data, field);
  if (name === 'RunStepFinished') return stepWords(data);
  if (name === 'RunStarted') return `${text('agent')} ${text('agentVersion')}, input ${valueOf(data, 'input') ?? ''}`;
  if (name === 'RunResumed') return `attempt ${text('attempt')} by ${text('worker')}`;
  if (name === 'RunDecided') return decidedWords(data);
  if (name === 'RunFailed') return `${text('code')}: ${text('message')}`;
  if (name === 'RunCanceled' || name === 'RunRetried') return `by ${text('actor')}: ${text('reason')}`;
  return '';
}

function stepWords(data: Data): string {
  const { kind, step, latencyMs, costMicros, inputTokens, outputTokens } = data;
  const [errorCode, model] = [textOf(data, 'errorCode'), textOf(data, 'model')];
  const gave = errorCode ? `failed with ${errorCode}` : (valueOf(data, 'output') ?? '');
  const used = model
    ? `  ${model}, ${String(inputTokens)} + ${String(outputTokens)} tokens, ${dollars(Number(costMicros))}`
    : '';
  return `${String(kind).padEnd(5)}  ${String(step)}  ${String(latencyMs)} ms${used}  ${gave}`;
}

function decidedWords(data: Data): string {
  const { status, decidedBy, escalationCode, reasons } = data;
  const what =
    status === 'decided' ? valueOf(data, 'decision') : `${String(escalationCode)} ${valueOf(data, 'history')}`;
  const why = Array.isArray(reasons) && reasons.length > 0 ? `  because ${reasons.join('; ')}` : '';
  return `${String(status)} by ${String(decidedBy)}  ${what ?? ''}${why}`;
}
