import type { Colors, Context } from '../context.js';
import type { FailedMessage, Flip, Summary } from './summary.js';

/** What a backtest came to. */
export interface Backtested {
  readonly flips: readonly Flip[];
  /** the first of them; the summary counts all */
  readonly failures: readonly FailedMessage[];
  readonly summary: Summary;
}

interface Shown extends Backtested {
  /** why the gate forbids the change; undefined without a gate */
  readonly forbidden: readonly string[] | undefined;
  /** how many flips, and how many failures, are shown */
  readonly limit: number;
}

const REASONS_SHOWN = 6;

/** Shows a backtest as text or, with `--json`, all of it. */
export function showBacktest(context: Context, service: string, shown: Shown): void {
  const { flips, failures, summary, forbidden } = shown;
  const { flips: kinds, ...counts } = summary;
  context.show(linesOf(service, shown, context.colors).join('\n'), {
    ...{ service, ...counts, kinds, failures, flippedSubjects: flips },
    gate: forbidden ? { forbidden } : null,
  });
}

function linesOf(service: string, { flips, failures, summary, forbidden, limit }: Shown, colors: Colors): string[] {
  const { messages, compared, flipped, failed } = summary;
  const shownFailures = failures.slice(0, limit);
  return [
    `${colors.bold(service)}  ${messages} messages, ${compared} decisions compared, ${flipped} flipped, ${failed} failed`,
    ...asideLines(summary),
    ...Object.entries(summary.flips).map(([kind, count]) => `  ${String(count).padStart(6)}  ${kind}`),
    `  a decision took ${summary.p50Micros} µs (p50), ${summary.p99Micros} µs (p99); models cost ${amount(summary.costMicros)}, recorded ${amount(summary.recordedCostMicros)}`,
    ...shownFailures.map((failure) => colors.red(failureLine(failure))),
    ...moreLine(failed - shownFailures.length, 'failed', colors),
    ...flips.slice(0, limit).flatMap((flip) => flipLines(flip, colors)),
    ...moreLine(flips.length - limit, 'flipped', colors),
    ...gateLines(forbidden, colors),
  ];
}

function asideLines({ failedAsBefore, erased }: Summary): string[] {
  return [
    ...(failedAsBefore > 0 ? [`  ${failedAsBefore} failed as they did then`] : []),
    ...(erased > 0 ? [`  ${erased} of people who were erased since: what they led to is not compared`] : []),
  ];
}

function failureLine({ message, type, story, handler, code, place }: FailedMessage): string {
  return `  failed: ${code} in ${handler}${place === null ? '' : ` (${place})`}: ${type} ${message}, story ${story}`;
}

function moreLine(left: number, what: string, colors: Colors): string[] {
  return left > 0 ? [colors.dim(`  and ${left} more that ${what}; --limit shows them`)] : [];
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

function gateLines(forbidden: readonly string[] | undefined, colors: Colors): string[] {
  if (!forbidden) return [];
  if (forbidden.length === 0) return [colors.green('  the gate allows it')];
  return [colors.red('  the gate forbids it:'), ...forbidden.map((reason) => `    ${reason}`)];
}

function amount(micros: number): string {
  return (micros / 1e6).toFixed(4);
}
