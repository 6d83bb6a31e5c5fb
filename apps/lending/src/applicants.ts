import { Inject, Injectable } from '@nestjs/common';
import { fromJson } from '@towpath/contracts/codec';
import { ApplicantNoted } from '@towpath/contracts/lending/ApplicantNoted.v1';
import { decryptPii, erased, subjectsOf } from '@towpath/event-store/cipher';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { EVENT_STORE, VAULT } from '@towpath/service-kit/platform';

/** Where applicants are told what became of their applications; readable for the time of one work, with the applicant's key. */
@Injectable()
export class Applicants {
  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'read'>,
    @Inject(VAULT) private readonly vault: Pick<Vault, 'keysFor'>,
  ) {}

  /** Undefined for an application of before addresses were kept, one that is archived, and an applicant who was erased. */
  async addressOf(applicationId: string): Promise<string | undefined> {
    const events = await this.store.read(`${ApplicantNoted.stream}-${applicationId}`);
    const noted = events.findLast(({ type, archived }) => type === ApplicantNoted.type && !archived);
    if (!noted) return undefined;
    const sealed = fromJson(ApplicantNoted, noted.data);
    const keys = await this.vault.keysFor(subjectsOf(ApplicantNoted, sealed));
    const { email } = decryptPii(ApplicantNoted, sealed, keys);
    return email === erased ? undefined : email;
  }
}
