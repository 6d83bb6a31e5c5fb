import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import { KafkaAdmin } from '@towpath/kafka/admin';
import type { Logger } from '@towpath/kafka/record';
import type { Progress } from './lag-probe.js';

const GROUP = 'triage';

/** Reads how far triage is with what ingress publishes; connects when first asked, and anew after a failure. */
export class TriageProgress {
  private admin: Promise<KafkaAdmin> | null = null;

  constructor(private readonly options: { brokers: string[]; clientId: string; logger: Logger }) {}

  async read(): Promise<Progress> {
    try {
      this.admin ??= KafkaAdmin.connect(this.options);
      const partitions = await (await this.admin).lag(GROUP, [WebhookReceived.topic]);
      const end: number[] = [];
      const committed: number[] = [];
      for (const row of partitions) {
        end[row.partition] = Number(row.end);
        committed[row.partition] = Number(row.end) - row.lag;
      }
      return { end, committed };
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = null;
    // It may never have connected, or be gone already: either way there is nothing left to close.
    await admin?.then((connected) => connected.close()).catch(() => undefined);
  }
}
