import { services } from '@towpath/contracts/topics';
import type { GroupMove, KafkaGroups } from '@towpath/kafka/groups';
import { CliError } from '../../cli-error.js';

/** Groups of every service that has a store, as far as there are any. */
async function groupsOf(groups: KafkaGroups) {
  const names = new Set(services().flatMap(({ consumers, store }) => (store ? consumers.map(({ name }) => name) : [])));
  return (await groups.list()).filter(({ groupId }) => names.has(groupId));
}

/** Names of services that run; none when all are stopped. */
export async function runningServices(groups: KafkaGroups): Promise<string[]> {
  return (await groupsOf(groups))
    .filter(({ members, state }) => members.length > 0 || state !== 'Empty')
    .map(({ groupId }) => groupId);
}

/** Throws GROUP_ACTIVE: a service that runs decides upon what is about to change, and commits its offsets over a rewind. */
export async function refuseRunning(groups: KafkaGroups): Promise<void> {
  const running = await runningServices(groups);
  if (running.length === 0) return;
  throw new CliError(
    'GROUP_ACTIVE',
    `${running.join(', ')} still run, or have just ended; stop the services, wait until \`towpath groups list\` shows them empty (6 s), and try again.`,
  );
}

/** Back to the first record of a time; never forward. */
export async function rewindsTo(groups: KafkaGroups, time: Date): Promise<Map<string, GroupMove[]>> {
  const rewinds = new Map<string, GroupMove[]>();
  for (const { groupId } of await groupsOf(groups)) {
    const moves = await groups.movesTo(await groups.places(groupId), { time });
    const back = moves.filter(({ committed, to }) => committed !== undefined && BigInt(to) < BigInt(committed));
    if (back.length > 0) rewinds.set(groupId, back);
  }
  return rewinds;
}

/** Whether every service has read everything there is. */
export async function haveReadAll(groups: KafkaGroups): Promise<boolean> {
  for (const { groupId } of await groupsOf(groups)) {
    const places = await groups.places(groupId);
    if (places.some(({ committed, low, high }) => BigInt(committed ?? low) < BigInt(high))) return false;
  }
  return true;
}
