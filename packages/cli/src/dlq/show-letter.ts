import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { harmless, readable } from '../readable.js';
import type { View } from '../reveal/mask.js';
import { nameOf } from '../watch/watch-line.js';
import { viewedLetter, type ViewedLetter } from './open-letter.js';

/** Shows one dead letter; what it says and holds of its message only in a view that reveals. */
export async function showLetter(context: Context, addresses: Addresses, id: string, view: View): Promise<void> {
  const viewed = await viewedLetter(addresses, id, view);
  context.show(textOf(viewed, context), objectOf(viewed));
}

function textOf({ letter, service, events, sealed, data, undecodable }: ViewedLetter, { colors }: Context): string {
  const time = (at: number): string => new Date(at).toISOString();
  const headers = [
    ...(letter.otherHeaders ?? []).map(({ name, value }) => [name, value] as const),
    ...Object.entries(letter.messageHeaders),
  ].map(([name, value]) => `  ${name.padEnd(20)} ${value === null ? '(no value)' : text(value)}`);
  const lines = [
    `${colors.bold(letter.deadLetterId)}  ${service}  ${nameOf(letter.originType ?? 'unknown')}`,
    `${colors.red(letter.reason)} in ${letter.handler}${letter.place ? ` at ${letter.place}` : ''}`,
    sealed ? 'detail, stack and value are sealed; --reveal --reason TEXT opens them' : letter.detail,
    ...(sealed || !letter.stack ? [] : [letter.stack]),
    `${letter.attempts} attempts, first failed ${time(letter.firstFailedAt)}, last ${time(letter.lastFailedAt)}`,
    `from ${letter.originTopic} partition ${letter.originPartition} offset ${letter.originOffset}, key ${text(letter.messageKey)}`,
    ...(letter.path ? [`path: ${letter.path}`] : []),
    ...(letter.redriveOf ? [`redrive of ${letter.redriveOf}`] : []),
    'headers:',
    ...headers,
    ...contentLines(sealed, data, undecodable),
    ...events.slice(1).map(({ type, data: settled }) => `${nameOf(type)}: ${settledText(settled)}`),
  ];
  return harmless(lines.join('\n'));
}

function settledText(data: unknown): string {
  const { actor, reason, late } = data as { actor?: string; reason?: string; late?: boolean };
  return `by ${actor ?? 'nobody'}, ${reason ?? ''}${late ? ' (late: its key had gone on)' : ''}`;
}

function text(base64: string | null): string {
  return base64 === null ? 'none' : Buffer.from(base64, 'base64').toString();
}

function contentLines(sealed: boolean, data: unknown, undecodable: string | undefined): string[] {
  if (sealed) return [];
  return [
    undecodable === undefined
      ? `data: ${JSON.stringify(readable(data, true), null, 2)}`
      : `data can't be read: ${undecodable}`,
  ];
}

function objectOf({ letter, service, events, sealed, data, undecodable }: ViewedLetter): object {
  const { detail, stack, messageValue, ...open } = letter;
  return {
    service,
    ...open,
    ...(sealed ? { sealed } : { detail, stack, messageValue, data: readable(data, false) }),
    ...(undecodable === undefined ? {} : { undecodable }),
    events: events.map((event, at) => ({
      ...{ id: event.id, type: event.type, occurredAt: event.occurredAt },
      ...(at === 0 ? {} : { data: event.data }),
    })),
  };
}
