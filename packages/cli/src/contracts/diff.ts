import { incompatibilities } from '@towpath/contracts/compatibility';
import type { Context } from '../context.js';
import { registryOf } from '../follow-topics.js';
import { setupTargets } from '../setup-targets.js';
import { schemaChanges, type SchemaChange } from './schema-changes.js';
import { resolveSide, sidesOf, type ResolvedSide } from './sides.js';
import { readWorkingTree } from './working-tree.js';

/** Shows what changed from one side to the other, and whether readers and writers of both can exchange data. */
export async function diffContracts(context: Context, one: string, other: string | undefined): Promise<void> {
  const tree = readWorkingTree();
  const registry = registryOf(setupTargets(context.home));
  const [from, to] = sidesOf(one, other, tree);
  const [older, newer] = await Promise.all([resolveSide(from, tree, registry), resolveSide(to, tree, registry)]);
  const changes = schemaChanges(older.schema, newer.schema);
  const isOtherContract = older.type !== newer.type;
  const reasons = isOtherContract ? [] : incompatibilities(older.schema, newer.schema);
  const verdict = verdictOf(changes, isOtherContract, reasons);
  context.show(
    [
      `${labelOf(older)} → ${labelOf(newer)}`,
      ...changes.map((change) => changeLine(change, context)),
      ...reasons.map((reason) => context.colors.red(`  breaks: ${reason}`)),
      verdict,
    ].join('\n'),
    {
      from: placeOf(older),
      to: placeOf(newer),
      changes,
      compatible: isOtherContract ? null : reasons.length === 0,
      reasons,
    },
  );
}

function verdictOf(changes: readonly SchemaChange[], isOtherContract: boolean, reasons: readonly string[]): string {
  if (isOtherContract)
    return 'two contracts: stored events of the one read as the other by an upcaster (docs/how-to/change-an-event.md)';
  if (changes.length === 0) return 'the same';
  return reasons.length === 0
    ? 'compatible (FULL_TRANSITIVE): readers and writers of both can exchange data'
    : 'not compatible: give new fields a default and remove none, or make the next version (docs/how-to/change-an-event.md)';
}

function changeLine({ what, before, after }: SchemaChange, { colors }: Context): string {
  if (before === undefined) return colors.green(`  + ${what}  ${JSON.stringify(after)}`);
  if (after === undefined) return colors.red(`  - ${what}  ${JSON.stringify(before)}`);
  return colors.yellow(`  ~ ${what}  ${JSON.stringify(before)} → ${JSON.stringify(after)}`);
}

function labelOf({ type, where }: ResolvedSide): string {
  return `${type} (${where === 'tree' ? 'working tree' : where === 'registry' ? where : `release ${where}`})`;
}

function placeOf({ type, where }: ResolvedSide): object {
  return { type, where };
}
