import type { GroupMove, GroupPlace, GroupState } from '@towpath/kafka/groups';
import type { Addresses } from '../addresses.js';
import { CliError, UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { change } from '../operator/change.js';
import { withGroups } from './groups.js';
import { parseResetTarget } from './reset-target.js';

export interface ResetOptions extends ChangeOptions {
  readonly to: string;
  readonly topic?: string;
  readonly partition?: number;
  /** shows the moves and changes nothing */
  readonly dryRun?: boolean;
}

/**
 * Moves an idle group to other offsets: shows before and after of each partition, records it with the person and the reason,
 * then commits. What is there already changes nothing. Throws GROUP_ACTIVE naming the members, GROUP_MISSING, NOTHING_COMMITTED.
 */
export function resetGroup(
  context: Context,
  addresses: Addresses,
  groupId: string,
  options: ResetOptions,
): Promise<void> {
  return withGroups(addresses, async (groups) => {
    const target = parseResetTarget(options.to);
    const group = await groups.find(groupId);
    refuseActive(group);
    const places = chosen(await groups.places(groupId, options.topic), groupId, options);
    const all = await groups.movesTo(places, target);
    const moves = all.filter(({ committed, to }) => committed !== to);
    for (const one of moves) context.show(moveText(one), { groupId, ...one, dryRun: options.dryRun === true });
    if (moves.length === 0) return context.note(`${groupId} stands there already; nothing changes`);
    if (options.dryRun) return context.note('a dry run: nothing is changed');
    const operation = {
      verb: 'groups reset',
      target: `group ${groupId}`,
      before: statesOf(moves, ({ committed }) => committed ?? null),
      after: statesOf(moves, ({ to }) => to),
    };
    await change(context, addresses, operation, options, () => groups.move(groupId, moves));
    context.note(`${groupId} is reset on ${moves.length} ${moves.length === 1 ? 'partition' : 'partitions'}`);
  });
}

function refuseActive({ groupId, state, members }: GroupState): void {
  if (members.length === 0 && (state === 'Empty' || state === 'Dead')) return;
  const names =
    members.map(({ clientId, host }) => `${clientId} at ${host}`).join(', ') || 'members that are just joining';
  throw new CliError(
    'GROUP_ACTIVE',
    `${groupId} is ${state}: ${names}. Stop the service first; a running one would go on where it was and commit over the reset.`,
  );
}

function chosen(places: readonly GroupPlace[], groupId: string, { topic, partition }: ResetOptions): GroupPlace[] {
  if (partition !== undefined && topic === undefined) throw new UsageError('--partition needs --topic.');
  const found = places.filter((place) => partition === undefined || place.partition === partition);
  if (found.length > 0) return found;
  throw new CliError(
    'NOTHING_COMMITTED',
    partition === undefined
      ? `${groupId} has committed nothing; name a --topic.`
      : `${topic} has no partition ${partition}; see \`towpath groups show ${groupId}\`.`,
  );
}

function moveText({ topic, partition, committed, to, low, high }: GroupMove): string {
  const step = committed === undefined ? '' : ` (${signed(BigInt(to) - BigInt(committed))})`;
  return `${topic}/${partition}  ${committed ?? 'nothing committed'} → ${to}${step}  of ${low}…${high}`;
}

function signed(step: bigint): string {
  return step > 0n ? `+${step}` : String(step);
}

/** By topic and partition. */
function statesOf(
  moves: readonly GroupMove[],
  of: (move: GroupMove) => string | null,
): Record<string, Record<string, string | null>> {
  const states: Record<string, Record<string, string | null>> = {};
  for (const one of moves) states[one.topic] = { ...states[one.topic], [one.partition]: of(one) };
  return states;
}
