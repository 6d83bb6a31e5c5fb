import { KafkaGroups, type GroupPlace, type GroupState } from '@towpath/kafka/groups';
import { ageSeconds } from '@towpath/kafka/lag-age';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { quietLogger } from '../quiet-logger.js';

/** Where a group stands on a partition and how far behind. */
export interface Lag extends GroupPlace {
  /** records not yet committed */
  readonly records: number;
  /** age of the oldest of them, seconds; 0 when there is none */
  readonly seconds: number;
}

/** Runs with a connection to the broker. */
export async function withGroups<T>(
  { brokers }: Pick<Addresses, 'brokers'>,
  use: (groups: KafkaGroups) => Promise<T>,
): Promise<T> {
  const groups = await KafkaGroups.connect({ brokers, clientId: 'towpath-cli', logger: quietLogger });
  try {
    return await use(groups);
  } finally {
    await groups.close();
  }
}

/** Every group with its state, members and lag by topic. */
export function listGroups(context: Context, addresses: Addresses): Promise<void> {
  return withGroups(addresses, async (groups) => {
    const found = await groups.list();
    for (const group of found) {
      const lags = await lagsOf(groups, group.groupId);
      const topics = [...new Set(lags.map(({ topic }) => topic))];
      const rows = topics.map((topic) =>
        topicLine(
          topic,
          lags.filter((lag) => lag.topic === topic),
          context,
        ),
      );
      context.show([groupLine(group, context), ...rows].join('\n'), { ...group, lag: lags });
    }
    if (found.length === 0) context.note('no groups: no service has run yet; start the platform with `towpath up`');
  });
}

/** One group with its members and each partition. Throws GROUP_MISSING. */
export function showGroup(context: Context, addresses: Addresses, groupId: string): Promise<void> {
  return withGroups(addresses, async (groups) => {
    const group = await groups.find(groupId);
    const lags = await lagsOf(groups, groupId);
    const members = group.members.map(
      ({ clientId, host, memberId, reads }) =>
        `  ${clientId} at ${host} reads ${readsText(reads)}  ${context.colors.dim(memberId)}`,
    );
    context.show(
      [groupLine(group, context), ...members, ...lags.map((lag) => partitionLine(lag, context))].join('\n'),
      {
        ...group,
        lag: lags,
      },
    );
  });
}

async function lagsOf(groups: KafkaGroups, groupId: string): Promise<Lag[]> {
  const ages = new Map<string, ReturnType<KafkaGroups['ageOf']>>();
  const found: Lag[] = [];
  for (const place of await groups.places(groupId)) {
    const position = BigInt(place.committed ?? place.low);
    const records = Math.max(0, Number(BigInt(place.high) - position));
    const at = ages.get(place.topic) ?? groups.ageOf(place.topic);
    ages.set(place.topic, at);
    found.push({ ...place, records, seconds: records === 0 ? 0 : await ageSeconds(at, place.partition, position) });
  }
  return found;
}

function groupLine({ groupId, state, members }: GroupState, { colors }: Context): string {
  const paint = state === 'Stable' ? colors.green : state === 'Empty' ? colors.yellow : colors.red;
  return `${colors.bold(groupId)}  ${paint(state)}  ${members.length} ${members.length === 1 ? 'member' : 'members'}`;
}

function topicLine(topic: string, lags: readonly Lag[], context: Context): string {
  const records = lags.reduce((sum, lag) => sum + lag.records, 0);
  const seconds = Math.max(0, ...lags.map((lag) => lag.seconds));
  return `  ${topic.padEnd(24)}  ${lags.length} partitions  ${lagText(records, seconds, context)}`;
}

function partitionLine({ topic, partition, committed, low, high, records, seconds }: Lag, context: Context): string {
  const place = `${topic}/${partition}`.padEnd(28);
  const at = `at ${committed ?? 'nothing committed'} of ${low}…${high}`;
  return `  ${place}  ${at}  ${lagText(records, seconds, context)}`;
}

function lagText(records: number, seconds: number, { colors }: Context): string {
  if (records === 0) return colors.green('up to date');
  return colors.yellow(`${records} behind, the oldest ${seconds === 1 ? '≤ 1' : `≈ ${seconds}`} s old`);
}

function readsText(reads: Readonly<Record<string, readonly number[]>>): string {
  const topics = Object.entries(reads).map(([topic, partitions]) => `${topic}/${partitions.join(',')}`);
  return topics.join(' ') || 'nothing';
}
