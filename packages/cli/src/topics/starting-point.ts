import type { EndingPoint, StartingPoint } from '@towpath/kafka/ranges';
import { UsageError } from '../cli-error.js';

/** Where each partition begins; `of` names partitions that begin elsewhere than the rest. */
export interface Starts {
  readonly rest: StartingPoint;
  readonly of: ReadonlyMap<number, StartingPoint>;
}

/** `--from` words: one for all partitions, and `P=where` for partition P. The last of a kind counts. Throws USAGE. */
export function parseStarts(words: readonly string[]): Starts {
  let rest: StartingPoint = 'beginning';
  const of = new Map<number, StartingPoint>();
  for (const word of words) {
    const own = /^(\d{1,5})=(.+)$/.exec(word);
    if (own) of.set(Number(own[1]), parseStartingPoint(own[2]!));
    else rest = parseStartingPoint(word);
  }
  return { rest, of };
}

/** `beginning`, `latest`, `latest:5`, `offset:42` or `time:2026-01-31T12:00:00Z`. Throws USAGE. */
export function parseStartingPoint(text: string): StartingPoint {
  if (text === 'beginning' || text === 'latest') return text;
  if (text === 'live') return 'latest';
  const last = /^latest:(\d{1,9})$/.exec(text)?.[1];
  if (last !== undefined) return { last: Number(last) };
  const point = pointIn(text);
  if (point) return point;
  throw new UsageError(
    `--from ${text} is not beginning, latest, latest:N, offset:N or time:ISO; write for example time:2026-01-31T12:00:00Z, ` +
      'or 2=offset:42 for partition 2 alone.',
  );
}

/** `offset:42` or `time:2026-01-31T12:00:00Z`: what is there and later is not read. Throws USAGE. */
export function parseEndingPoint(text: string): EndingPoint {
  const point = pointIn(text);
  if (point) return point;
  throw new UsageError(`--to ${text} is not offset:N or time:ISO; write for example time:2026-01-31T12:00:00Z.`);
}

function pointIn(text: string): EndingPoint | undefined {
  const [kind, value] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  if (kind === 'offset' && /^\d{1,18}$/.test(value)) return { offset: value };
  const time = new Date(value);
  return kind === 'time' && !Number.isNaN(time.getTime()) ? { time } : undefined;
}
