import type { ResetTarget } from '@towpath/kafka/groups';
import { UsageError } from '../cli-error.js';

/** `earliest`, `latest`, `offset:N`, `time:ISO`, `shift:-N` or `shift:N`. Throws USAGE. */
export function parseResetTarget(text: string): ResetTarget {
  if (text === 'earliest' || text === 'latest') return text;
  const [kind, value] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)];
  if (kind === 'offset' && /^\d{1,18}$/.test(value)) return { offset: value };
  if (kind === 'shift' && /^[+-]?\d{1,18}$/.test(value)) return { shift: BigInt(value) };
  const time = new Date(value);
  if (kind === 'time' && !Number.isNaN(time.getTime())) return { time };
  throw new UsageError(
    `--to ${text} is not earliest, latest, offset:N, time:ISO or shift:-N; write for example shift:-100.`,
  );
}
