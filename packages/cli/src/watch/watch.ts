import { topicSettings } from '@towpath/contracts/topics';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { followTopics } from '../follow-topics.js';
import { factsOf } from './facts.js';
import { passes, type Filters } from './filters.js';
import { StoryClock } from './story-clock.js';
import { serviceOf, watchLine, type Step } from './watch-line.js';

/** Topics that tell no story. */
const SILENT = new Set(['audit.checkpoints']);

/** Shows one line per step over all domain topics, from now on, until `signal` is aborted. */
export async function watch(
  context: Context,
  addresses: Addresses,
  filters: Filters,
  signal: AbortSignal,
): Promise<void> {
  const clock = new StoryClock();
  context.note(context.colors.dim('watching all topics; Ctrl-C ends'));
  for await (const record of followTopics(addresses, { topics: domainTopics(), from: new Date(), signal })) {
    // Before the filter: a story begins with its first step, whether that is shown or not.
    const step = stepOf(record, clock);
    if (passes(filters, record)) context.show(watchLine(step, context.colors), step);
  }
}

export function domainTopics(): string[] {
  return topicSettings()
    .map(({ name }) => name)
    .filter((name) => !SILENT.has(name));
}

/** The step that a record is. */
export function stepOf(record: InspectedRecord, clock: StoryClock): Step {
  const { headers, topic, partition, offset, type, data, undecodable } = record;
  const story = headers['ce_correlationid'] ?? headers['ce_id'] ?? '';
  return {
    time: headers['ce_time'] ?? new Date(record.timestamp).toISOString(),
    story,
    service: serviceOf(headers['ce_source'] ?? ''),
    type,
    subject: headers['ce_subject'] ?? record.key?.toString() ?? '',
    facts: undecodable === undefined ? factsOf(data) : [`undecodable: ${undecodable}`],
    ms: clock.since(story, record.timestamp),
    id: headers['ce_id'] ?? '',
    topic,
    partition,
    offset,
  };
}
