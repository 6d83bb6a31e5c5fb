import { readFileSync } from 'node:fs';
import { checkBundle, type BundleReport } from '@towpath/event-store/audit/check-bundle';
import { UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { harmless } from '../readable.js';
import { keysIn, type VerifyOptions } from './verify.js';

/** Checks a bundle with nothing but the file. Ends with exit code 0 or 1. Throws USAGE. */
export function verifyBundle(context: Context, file: string, { key, ...rest }: VerifyOptions): void {
  if (Object.keys(rest).length > 0)
    throw new UsageError('--bundle looks at a file alone; of the other options only --key goes with it.');
  const report = checkBundle(textIn(file), key === undefined ? undefined : keysIn(key));
  for (const fault of report.faults) {
    const { reason, place, detail } = fault;
    context.show(context.colors.red(`${reason.padEnd(10)}  ${harmless(place)}  ${harmless(detail)}`), { fault });
  }
  const ok = report.faults.length === 0;
  context.show(verdictText(context, report, key !== undefined), { verdict: { ok, ...report } });
  if (!ok) process.exitCode = 1;
}

function verdictText({ colors }: Context, report: BundleReport, pinned: boolean): string {
  const { faults, events, stories, keyIds, signedAt, revealed } = report;
  if (faults.length > 0) return `${colors.red('TAMPERED')}: ${faults.length} findings`;
  const trust = pinned
    ? 'the key you gave'
    : 'a key that the bundle brings; compare it with the one you keep, or use --key';
  return (
    `${colors.green('ok')}: ${events} events of ${stories.join(', ')}, the bytes of ${revealed} deliveries; signed ${signedAt.join(', ')} ` +
    `with ${keyIds.join(', ')} (${trust})`
  );
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
}
