const KEY = 'towpath';
const OURS = /(?:^|,)\s*towpath=s:([0-9a-z]{1,11})(?=,|$)/;
/** What everybody who carries a tracestate has to be able to carry. */
const CHARS_MAX = 512;

/**
 * The tracestate with the time at which the story began, as the newest entry: every hop carries a tracestate on, so that each
 * knows how old the story is. An entry of ours that came from outside is replaced; what then is too long is dropped at its end.
 */
export function withStoryStart(tracestate: string | undefined, startedMs: number): string {
  const others = (tracestate ?? '').split(',').filter((entry) => entry.trim() !== '' && !isOurs(entry));
  const entries = [`${KEY}=s:${Math.round(startedMs).toString(36)}`, ...others];
  while (entries.join(',').length > CHARS_MAX) entries.pop();
  return entries.join(',');
}

/** When the story began, in milliseconds since the epoch; undefined when nothing says so. */
export function storyStartOf(tracestate: string | undefined): number | undefined {
  const digits = tracestate === undefined ? undefined : OURS.exec(tracestate)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 36);
}

function isOurs(entry: string): boolean {
  return entry.trimStart().startsWith(`${KEY}=`);
}
