import type { StartingPoint } from '@towpath/kafka/inspect';
import { UsageError } from '../cli-error.js';

/** `beginning`, `latest`, `offset:42` or `time:2026-01-31T12:00:00Z`. Throws USAGE. */
export function parseStartingPoint(text: string): StartingPoint {
  if (text === 'beginning' || text === 'latest') return text;
  const [kind, value = ''] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  if (kind === 'offset' && /^\d{1,19}$/.test(value)) return { offset: value };
  const time = new Date(value);
  if (kind === 'time' && !Number.isNaN(time.getTime())) return { time };
  throw new UsageError(
    `--from ${text} is not beginning, latest, offset:N or time:ISO; write for example time:2026-01-31T12:00:00Z.`,
  );
}
