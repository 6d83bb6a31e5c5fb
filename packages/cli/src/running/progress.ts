import type { Context } from '../context.js';

/** When the command began, in milliseconds since the epoch: before this program, when a bootstrap came first. */
export function startedAt(environment = process.env): number {
  const told = Number(environment['TOWPATH_STARTED_AT']);
  return told > 0 ? told : performance.timeOrigin;
}

export function elapsedMs(): number {
  return Math.round(performance.timeOrigin + performance.now() - startedAt());
}

/** Tells each step with the time since the command began; on standard error, with `--json` on standard output. */
export function progressOf(context: Context): (line: string) => void {
  return (line) => {
    const elapsed = elapsedMs();
    if (context.json) context.show('', { step: line, elapsedMs: elapsed });
    else context.note(`[${(elapsed / 1000).toFixed(1).padStart(6)} s] ${line}`);
  };
}
