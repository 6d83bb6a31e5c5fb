import type { Metrics } from '../metrics.js';
import { storyStartOf } from '../tracing/story-start.js';
import type { Decided } from './decide-group.js';
import type { Item } from './item.js';

export type MessageOutcome = 'decided' | 'repeat' | 'held' | 'retry' | 'dead-letter';

/** What the pipeline measures. */
export class PipelineMetrics {
  private readonly processed;
  private readonly retries;
  private readonly deadLetters;
  private readonly alerts;
  private readonly groupSize;
  private readonly groupSeconds;
  private readonly messageAge;
  private readonly storyAge;

  constructor(metrics: Metrics) {
    this.processed = metrics.counter('towpath_messages_processed_total');
    this.retries = metrics.counter('towpath_retries_total');
    this.deadLetters = metrics.counter('towpath_dead_letters_total');
    this.alerts = metrics.counter('towpath_alerts_raised_total');
    this.groupSize = metrics.histogram('towpath_group_messages');
    this.groupSeconds = metrics.histogram('towpath_group_duration_seconds');
    this.messageAge = metrics.histogram('towpath_message_age_seconds');
    this.storyAge = metrics.histogram('towpath_story_age_seconds');
  }

  group(messages: number, seconds: number): void {
    this.groupSize.record(messages);
    this.groupSeconds.record(seconds);
  }

  /** What became of a message. The service's own decisions are no messages. */
  message({ handler, caller }: Item, outcome: MessageOutcome): void {
    if (!caller) this.processed.add(1, { handler: handler.name, outcome });
  }

  /** How old the message was when its decision was committed, and how old its story is for everything that came of it. */
  ages({ item: { message }, emissions }: Decided, nowMs: number): void {
    this.messageAge.record((nowMs - message.time.getTime()) / 1_000, { type: message.type });
    const startedMs = storyStartOf(message.tracestate);
    if (startedMs === undefined) return;
    for (const { contract, dueAt } of emissions)
      if (!dueAt) this.storyAge.record(Math.max(0, nowMs - startedMs) / 1_000, { type: contract.type });
  }

  alert(name: string): void {
    this.alerts.add(1, { name });
  }

  retry(handler: string, reason: string): void {
    this.retries.add(1, { handler, reason });
  }

  deadLetter(handler: string, reason: string): void {
    this.deadLetters.add(1, { handler, reason });
  }
}
