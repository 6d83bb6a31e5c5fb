import { AlertRaised } from '@towpath/contracts/platform/AlertRaised.v1';
import type { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import type { Decisions } from '../decisions.js';
import { about, type Logger } from '../logger.js';
import { emit, type Received } from '../message.js';
import type { PipelineMetrics } from '../pipeline/pipeline-metrics.js';
import { alertDue, ALERT_AT } from './alert.decider.js';
import { deadLetterGroups, groupOf } from './dead-letter-groups.projection.js';

/** Tells people once an hour of a group of dead letters that piles up. */
export class DeadLetterAlerts {
  constructor(
    private readonly decisions: Decisions,
    private readonly metrics: PipelineMetrics,
    private readonly logger: Logger,
  ) {}

  /** After a dead letter was committed. An alert that could not be stored is raised by the group's next dead letter. */
  async look(cause: Received, letter: DeadLettered): Promise<void> {
    const subject = groupOf(letter);
    const { deadLetterId, originType, reason, handler } = letter;
    try {
      const raised = await this.decisions.run({
        step: `raise-alert/${deadLetterId}`,
        cause,
        emits: [AlertRaised],
        reads: { rows: [deadLetterGroups.at(subject)] },
        decide: (state) => {
          const now = state.now.getTime();
          const group = state.row(deadLetterGroups, subject);
          if (!group || !alertDue(group, now)) return [];
          return [
            emit(AlertRaised, {
              alertId: deadLetterId,
              name: 'DeadLettersPileUp',
              subject,
              count: ALERT_AT,
              sampleId: deadLetterId,
              summary: `${ALERT_AT} or more dead letters within an hour: ${reason} in ${handler} of ${originType ?? 'an unknown type'}`,
              raisedAt: now,
            }),
          ];
        },
      });
      if (raised.length > 0) this.metrics.alert('DeadLettersPileUp');
    } catch (err) {
      this.logger.warn({ ...about(cause), err }, 'alert.failed');
    }
  }
}
