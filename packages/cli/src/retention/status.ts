import { retentionState, type StoreState, type TypeState } from '@towpath/event-store/archive/retention-state';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Colors, Context } from '../context.js';
import { withInspector } from '../dlq/show-letters.js';
import { nameOf } from '../watch/watch-line.js';

/** Shows how each store stands: what it keeps for ever, what for a time, what is due, what left it. Throws SERVICE_UNKNOWN. */
export async function showRetention(context: Context, addresses: Addresses, service?: string): Promise<void> {
  for (const state of await statesOf(addresses, service)) context.show(stateText(state, context.colors), state);
}

/** The state of every store, or of one service's. Throws SERVICE_UNKNOWN. */
export async function statesOf(addresses: Addresses, service?: string): Promise<StoreState[]> {
  const states = await withInspector(addresses, (inspector) => retentionState(inspector, service));
  if (states.length > 0 || service === undefined) return states;
  throw new CliError('SERVICE_UNKNOWN', `no service ${service} has a store; see \`towpath retention status\`.`);
}

/** A store as people read it. */
export function stateText(
  { service, types, inbox, archive, eventsBytes, inboxBytes }: StoreState,
  colors: Colors,
): string {
  const strays = inbox.strays === 0 ? '' : `, ${inbox.strays} rows of other days`;
  const missing = inbox.missing === 0 ? '' : colors.red(`, ${inbox.missing} of the coming days have none`);
  return [
    `${colors.bold(service)}  events ${sizeText(eventsBytes)}, inbox ${sizeText(inboxBytes)}`,
    ...types.map((one) => typeLine(one, colors)),
    `  inbox    ${inbox.partitions} days ${inbox.firstDay ?? '-'} … ${inbox.lastDay ?? '-'}, next drop ${inbox.nextDrop ?? '-'}${strays}${missing}`,
    `  archive  ${archive.events} events in ${archive.files} files, ${sizeText(archive.bytes)}`,
  ].join('\n');
}

function typeLine({ type, keepDays, events, archived, due, contentBytes, oldest }: TypeState, colors: Colors): string {
  const kept = (keepDays === null ? 'for ever' : `${keepDays} d`).padStart(8);
  const parts = [`${events} events`, sizeText(contentBytes)];
  if (archived > 0) parts.push(`${archived} archived`);
  if (due > 0) parts.push(colors.yellow(`${due} due`));
  if (oldest !== null) parts.push(colors.dim(`oldest ${oldest.toISOString().slice(0, 10)}`));
  return `  ${nameOf(type).padEnd(24)}  ${kept}  ${parts.join(' · ')}`;
}

/** `1.2 MB`: powers of 1,000. */
export function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [bytes, 0];
  while (size >= 1_000 && unit < units.length - 1) [size, unit] = [size / 1_000, unit + 1];
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
