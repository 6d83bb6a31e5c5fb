import { openInspector } from '@towpath/event-store/inspect';
import { waitingMessages, type WaitingMessage } from '@towpath/event-store/waiting';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { nameOf } from '../watch/watch-line.js';

/** Shows messages that wait, the oldest first; never what they hold. */
export async function listRetries(
  context: Context,
  addresses: Addresses,
  filter: { service?: string; limit: number },
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const waiting = await waitingMessages(inspector, filter);
    for (const message of waiting) context.show(waitingLine(message, context.colors, new Date()), message);
    if (waiting.length === 0) context.note('no message waits');
    else if (waiting.length === filter.limit) context.note(`only the oldest ${filter.limit}; raise --limit for more`);
  } finally {
    await inspector.close();
  }
}

/** One message in one line: where it is, which it is, how it failed, what comes next. */
export function waitingLine(message: WaitingMessage, colors: Colors, now: Date): string {
  const { service, state, lane, type, handler, orderKey, correlationId, lastCode, lastPlace } = message;
  const paint = {
    stopped: colors.red,
    retrying: colors.yellow,
    running: colors.cyan,
    due: colors.green,
    behind: colors.dim,
  };
  const reason = lastCode === null ? '' : `  ${lastCode}${lastPlace === null ? '' : ` ${colors.dim(lastPlace)}`}`;
  return (
    `${service.padEnd(8)}  ${paint[state](state.padEnd(8))}  ${lane}  ${nameOf(type)} in ${handler}  key ${orderKey}  ` +
    `${whatNext(message, now)}${reason}  ${colors.dim(correlationId)}`
  );
}

function whatNext({ state, attempts, retries, nextAt, leasedBy, deadLetterId }: WaitingMessage, now: Date): string {
  const tried = attempts === 0 ? 'not tried yet' : `failed ${attempts} ×`;
  if (state === 'stopped')
    return `${tried}, its key waits for dead letter ${deadLetterId}: towpath dlq redrive or discard`;
  if (state === 'running') return `${tried}, ${leasedBy} has it`;
  if (state === 'behind') return 'behind an earlier message of its key';
  if (attempts === 0) return tried;
  const seconds = Math.max(0, ((nextAt?.getTime() ?? 0) - now.getTime()) / 1_000).toFixed(1);
  return `${tried}, retry ${attempts}/${retries} in ${seconds} s`;
}
