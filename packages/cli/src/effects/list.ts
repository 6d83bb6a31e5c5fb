import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { nameOf } from '../watch/watch-line.js';
import { effectRows, type EffectRow, type EffectStateName } from './effect-rows.js';

/** Shows effects, one line each. */
export async function listEffects(
  context: Context,
  addresses: Addresses,
  filter: { readonly state?: EffectStateName; readonly limit: number },
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const rows = await effectRows(inspector, filter);
    for (const row of rows) context.show(effectLine(row, context.colors), row);
    if (rows.length === 0) context.note(`no effect is ${filter.state ?? 'there'}`);
    else if (rows.length === filter.limit) context.note(`only the newest ${filter.limit}; raise --limit for more`);
  } finally {
    await inspector.close();
  }
}

/** One effect in one line: where it stands since when, what and where, and what is known. */
export function effectLine(row: EffectRow, colors: Colors): string {
  const paint = {
    reserved: colors.dim,
    fired: colors.cyan,
    'outcome-unknown': colors.red,
    confirmed: colors.green,
    failed: colors.yellow,
  };
  const { effectId, state, action, provider, subjectId, attempts, since, detail } = row;
  const calls = `${attempts} call${attempts === 1 ? '' : 's'}`;
  return (
    `${paint[state](state.padEnd(15))}  ${since.toISOString()}  ${effectId}  ${nameOf(action)} at ${provider}  ` +
    `${subjectId}  ${calls}${detail === null ? '' : `  ${colors.dim(detail)}`}`
  );
}
