import type { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { services } from '@towpath/contracts/topics';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';

/** Shows every breaker that ever changed, those that hold something back first. */
export async function listBreakers(context: Context, addresses: Addresses): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const rows = await breakerRows(inspector);
    for (const row of rows) context.show(breakerLine(row, context.colors), row);
    if (rows.length === 0) context.note('no breaker has opened yet: every way out is open to calls');
  } finally {
    await inspector.close();
  }
}

/** The breakers of all services, by how much they hold back and then by name. */
export async function breakerRows(inspector: Pick<Inspector, 'query'>): Promise<BreakerChanged[]> {
  const stores = services().filter(({ store }) => store);
  const found = await Promise.all(
    stores.map(({ name }) =>
      inspector.query<{ state: BreakerChanged }>(
        `select state from ${schemaOf(name)}.projections where name = 'breakers'`,
        [],
      ),
    ),
  );
  const rows = found.flat().map(({ state }) => state);
  return rows.sort((one, other) => rankOf(one) - rankOf(other) || (one.breakerId < other.breakerId ? -1 : 1));
}

const RANKS = ['disabled', 'open', 'closed'];

function rankOf({ state }: BreakerChanged): number {
  return RANKS.indexOf(state);
}

/** One breaker in one line: whose, how it stands since when, why, and who did it. */
export function breakerLine({ breakerId, state, changedAt, cause, actor }: BreakerChanged, colors: Colors): string {
  const paint = state === 'closed' ? colors.green : state === 'open' ? colors.yellow : colors.red;
  const who = actor === null ? '' : ` by ${actor}`;
  return `${paint(state.padEnd(8))}  ${breakerId}  since ${new Date(changedAt).toISOString()}${who}  ${colors.dim(cause)}`;
}
