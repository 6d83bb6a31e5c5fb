import { topicSettings } from '@towpath/contracts/topics';
import { KafkaAdmin } from '@towpath/kafka/admin';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { quietLogger } from '../quiet-logger.js';

const DAY_MS = 86_400_000;

/** Shows every topic: partitions, how many records it holds, settings, and what differs from topics.yaml. */
export async function listTopics(context: Context, { brokers }: Addresses): Promise<void> {
  const admin = await KafkaAdmin.connect({ brokers, clientId: 'towpath-cli', logger: quietLogger });
  try {
    const present = await admin.topics();
    const findings = await admin.verifyTopics();
    // A group that never commits: only the first and last offsets are asked for.
    const places = await admin.lag(
      'towpath-cli-list',
      present.map(({ topic }) => topic),
    );
    const settings = new Map(topicSettings().map((one) => [one.name, one]));
    for (const { topic, partitions } of present) {
      const own = places.filter((place) => place.topic === topic);
      const records = own.reduce((sum, { start, end }) => sum + Number(BigInt(end) - BigInt(start)), 0);
      const wrong = findings
        .filter((finding) => finding.topic === topic)
        .map(({ problem, fix }) => `${problem}; ${fix}`);
      const known = settings.get(topic);
      const about = known
        ? `${known.cleanup}  ${retention(known.retentionMs).padEnd(8)}  ≤ ${known.maxMessageBytes} B`
        : context.colors.dim('not in topics.yaml');
      const row = [topic.padEnd(24), `${partitions}`.padStart(2), `${records}`.padStart(9), about];
      context.show([...row, ...wrong.map(context.colors.red)].join('  '), {
        topic,
        partitions,
        records,
        settings: known,
        wrong,
      });
    }
  } finally {
    await admin.close();
  }
}

/** How long a topic keeps a record. */
export function retention(ms: number): string {
  return ms === -1 ? 'forever' : `${Math.round((ms / DAY_MS) * 10) / 10} d`;
}
