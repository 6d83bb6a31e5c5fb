import { createHash } from 'node:crypto';
import { CreditReportFetched } from '@towpath/contracts/egress/CreditReportFetched.v1';
import { streamOf } from '@towpath/contracts/contract';
import { decryptPii, erased, subjectsOf } from '@towpath/event-store/cipher';
import { isOf } from '@towpath/event-store/fold';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import type { CreditReport } from './credit-report.js';

type Told = Omit<CreditReportFetched, 'applicationId' | 'applicantId'>;

const HOUR_MS = 3_600_000;

/** Reports that were fetched before: they stand in our own store, encrypted for their applicant. */
export class CreditCache {
  constructor(
    private readonly store: Pick<EventStore, 'read'>,
    private readonly vault: Pick<Vault, 'keysFor'>,
    private readonly hours: number,
  ) {}

  /** The newest report about an application that is still fresh and whose applicant was not erased. */
  async find(applicationId: string, now: Date): Promise<Told | undefined> {
    const events = await this.store.read(streamOf(CreditReportFetched, { applicationId }));
    const fetched = events.flatMap((event) => (isOf(CreditReportFetched, event) ? [event.data] : []));
    const newest = fetched.filter(({ fetchedAt }) => now.getTime() - fetchedAt <= this.hours * HOUR_MS).at(-1);
    if (!newest) return undefined;
    const keys = await this.vault.keysFor(subjectsOf(CreditReportFetched, newest));
    const { applicationId: _, applicantId: __, ...told } = decryptPii(CreditReportFetched, newest, keys);
    return told.raw === erased ? undefined : { ...told, cached: true };
  }

  /** A report that came just now, as its event tells it. */
  toldOf({ reportId, facts, raw }: CreditReport, bureau: string, at: Date): Told {
    const rawSha256 = createHash('sha256').update(raw).digest('hex');
    return { bureau, reportId, report: JSON.stringify(facts), raw, rawSha256, cached: false, fetchedAt: at.getTime() };
  }
}
