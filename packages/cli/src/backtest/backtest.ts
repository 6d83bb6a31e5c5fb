import { services } from '@towpath/contracts/topics';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Colors, Context } from '../context.js';
import { callProgram } from '../history/service-program.js';
import { environmentOf, localServices } from '../local/service-environment.js';
import { OFFLINE } from '../replay/recorded-message.js';
import { forbiddenBy, readGate } from './gate.js';
import { recordedMessages } from './recorded-messages.js';
import type { Flip, Summary } from './summary.js';
import { variantOf } from './variant.js';

export interface BacktestOptions {
  readonly since: Date;
  readonly until?: Date;
  readonly with?: readonly string[];
  readonly gate?: string;
  /** how many flips are shown */
  readonly limit: number;
}

/**
 * Decides a service's recorded messages again with something changed, effects stubbed, and shows what came out otherwise. The exit code
 * is 1 when the gate forbids the change. Throws SERVICE_UNKNOWN, VARIANT_UNKNOWN, GATE_INVALID and what the service's program says.
 */
export async function backtest(
  context: Context,
  addresses: Addresses,
  service: string,
  options: BacktestOptions & { readonly signal: AbortSignal },
): Promise<void> {
  const gate = options.gate === undefined ? undefined : readGate(options.gate);
  const { flips, summary } = await run(context, addresses, service, options);
  const forbidden = gate ? forbiddenBy(gate, summary) : [];
  show(context, service, { flips, summary, forbidden, gated: gate !== undefined, limit: options.limit });
  if (forbidden.length > 0) process.exitCode = 1;
}

async function run(
  context: Context,
  addresses: Addresses,
  service: string,
  options: BacktestOptions & { readonly signal: AbortSignal },
): Promise<{ flips: Flip[]; summary: Summary }> {
  const local = localServices.find(({ name }) => name === service);
  const declared = services().find(({ name, store }) => name === service && store);
  if (!local || !declared)
    throw new CliError('SERVICE_UNKNOWN', `${service} is no service with decisions of this home.`);
  const { settings, runs } = variantOf(service, options.with ?? []);
  const environment = { ...environmentOf(local, addresses), ...OFFLINE, ...settings };
  const { since, until = new Date(), signal } = options;
  const input = lines(recordedMessages(addresses, declared.consumes, { since, until }, signal));
  const flips: Flip[] = [];
  let summary: Summary | undefined;
  for await (const answer of callProgram(service, ['backtest', since.toISOString(), runs], {
    environment,
    input,
    signal,
  })) {
    if (isProgress(answer)) context.note(progressText(answer.progress));
    else if (isSummary(answer)) ({ summary } = answer);
    else flips.push(answer as Flip);
  }
  if (!summary) throw new CliError('BACKTEST_ENDED', `the backtest of ${service} was ended before its summary.`);
  return { flips, summary };
}

async function* lines(messages: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const message of messages) yield `${JSON.stringify(message)}\n`;
}

interface Progress {
  readonly phase: 'history' | 'messages';
  readonly events?: number;
  readonly messages?: number;
}

function isProgress(answer: unknown): answer is { readonly progress: Progress } {
  return 'progress' in (answer as object);
}

function isSummary(answer: unknown): answer is { readonly summary: Summary } {
  return 'summary' in (answer as object);
}

function progressText({ phase, events, messages }: Progress): string {
  return phase === 'history' ? `folded ${events} events of before` : `decided ${messages} messages`;
}

interface Shown {
  readonly flips: readonly Flip[];
  readonly summary: Summary;
  readonly forbidden: readonly string[];
  readonly gated: boolean;
  readonly limit: number;
}

function show(context: Context, service: string, { flips, summary, forbidden, gated, limit }: Shown): void {
  const { colors } = context;
  const lines = [
    `${colors.bold(service)}  ${summary.messages} messages, ${summary.compared} decisions compared, ${summary.flipped} flipped, ${summary.failed} failed`,
    ...Object.entries(summary.flips).map(([kind, count]) => `  ${String(count).padStart(6)}  ${kind}`),
    `  a decision took ${summary.p50Micros} µs (p50), ${summary.p99Micros} µs (p99); models cost ${amount(summary.costMicros)}, recorded ${amount(summary.recordedCostMicros)}`,
    ...flips.slice(0, limit).flatMap((flip) => flipLines(flip, colors)),
    ...(flips.length > limit ? [colors.dim(`  and ${flips.length - limit} more; --limit shows them`)] : []),
    ...gateLines(gated, forbidden, colors),
  ];
  context.show(lines.join('\n'), {
    service,
    ...summary,
    flips: undefined,
    kinds: summary.flips,
    flippedSubjects: flips,
    gate: gated ? { forbidden } : null,
  });
}

function flipLines({ subject, recorded, replayed, why }: Flip, colors: Colors): string[] {
  const reasons = why.slice(0, REASONS_SHOWN).map(({ field, ...is }) => `${field} ${is.recorded} → ${is.replayed}`);
  const left = why.length - reasons.length;
  return [
    `  ${subject}: ${recorded ?? 'undecided'} → ${replayed ?? 'undecided'}`,
    ...reasons.map((reason) => colors.dim(`      ${reason}`)),
    ...(left > 0 ? [colors.dim(`      and ${left} more; --json has them`)] : []),
  ];
}

const REASONS_SHOWN = 6;

function gateLines(gated: boolean, forbidden: readonly string[], colors: Colors): string[] {
  if (!gated) return [];
  if (forbidden.length === 0) return [colors.green('  the gate allows it')];
  return [colors.red('  the gate forbids it:'), ...forbidden.map((reason) => `    ${reason}`)];
}

function amount(micros: number): string {
  return (micros / 1e6).toFixed(4);
}
