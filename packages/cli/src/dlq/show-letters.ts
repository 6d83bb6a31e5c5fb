import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError, UsageError } from '../cli-error.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { nameOf } from '../watch/watch-line.js';
import { lettersOf, LETTERS_MAX, type Letter, type LetterFilter } from './letters.js';
import { groupsOf, trendOf, type Group } from './summary.js';

/** Shows dead letters in groups, with the trend against the period of the same length before. */
export async function showSummary(context: Context, addresses: Addresses, sinceMs: number): Promise<void> {
  const now = Date.now();
  const since = now - sinceMs;
  const letters = await withInspector(addresses, (inspector) =>
    lettersOf(inspector, { since: new Date(since - sinceMs) }),
  );
  const groups = groupsOf(letters, since);
  for (const group of groups) context.show(groupText(group, context.colors), group);
  if (letters.length === LETTERS_MAX) context.note(`only the newest ${LETTERS_MAX} were counted; shorten --since`);
  if (groups.length === 0) context.note('no dead letters in that time');
  else context.note('look into one: towpath dlq show ID');
}

/** Shows dead letters one by one, newest first. */
export async function showList(
  context: Context,
  addresses: Addresses,
  filter: LetterFilter,
  limit: number,
): Promise<void> {
  const letters = await withInspector(addresses, (inspector) => lettersOf(inspector, filter, limit));
  for (const letter of letters) context.show(letterText(letter, context.colors), letter);
  if (letters.length === 0) context.note('no such dead letters');
}

/** The one dead letter that may be edited. Throws USAGE when it is not one, DEAD_LETTER_NOT_FOUND. */
export async function letterById(addresses: Addresses, ids: readonly string[]): Promise<Letter> {
  if (ids.length !== 1) throw new UsageError('--edit takes exactly one id.');
  const [letter] = await withInspector(addresses, (inspector) => lettersOf(inspector, { ids }, 1));
  if (letter) return letter;
  throw new CliError('DEAD_LETTER_NOT_FOUND', `no store has a dead letter ${ids[0]}; see \`towpath dlq list\`.`);
}

export async function withInspector<T>(addresses: Addresses, read: (inspector: Inspector) => Promise<T>): Promise<T> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    return await read(inspector);
  } finally {
    await inspector.close();
  }
}

export function letterText(letter: Letter, colors: Colors): string {
  const paint = { open: colors.red, redriven: colors.green, discarded: colors.dim }[letter.status];
  const where = letter.place === null ? '' : `  ${colors.dim(letter.place)}`;
  return (
    `${colors.dim(new Date(letter.failedAt).toISOString())}  ${letter.id}  ${letter.service.padEnd(8)}  ` +
    `${nameOf(letter.type).padEnd(22)}  ${letter.reason} in ${letter.handler}  ${letter.attempts} ×  ${paint(letter.status)}${where}`
  );
}

function groupText(group: Group, colors: Colors): string {
  const { service, type, reason, handler, count, open, sample } = group;
  return (
    `${colors.bold(String(count).padStart(6))}  ${trendOf(group).padStart(5)}  ${service.padEnd(8)}  ` +
    `${nameOf(type)} × ${reason} × ${handler}  ${open} open  ${colors.dim(`sample ${sample}`)}`
  );
}
