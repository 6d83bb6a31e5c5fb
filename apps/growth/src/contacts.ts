import { Inject, Injectable } from '@nestjs/common';
import { fromJson } from '@towpath/contracts/codec';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { LeadContentDrafted } from '@towpath/contracts/growth/LeadContentDrafted.v1';
import { LeadEnriched } from '@towpath/contracts/growth/LeadEnriched.v1';
import { LeadSignalNoted } from '@towpath/contracts/growth/LeadSignalNoted.v1';
import { OnboardingStarted } from '@towpath/contracts/growth/OnboardingStarted.v1';
import { decryptPii, erased, subjectsOf } from '@towpath/event-store/cipher';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import { drafts } from './content/drafts.js';
import { leads } from './leads/lead.js';
import { onboarding } from './onboarding/onboarding.js';

/** To whom a mail goes. */
export interface Addressee {
  readonly email: string;
  readonly name: string | null;
}

/**
 * Who somebody is and what was written to them, readable for the time of one work: folds hold nothing of it, so it is read from the
 * person's own events with the person's key. Undefined when there is nothing, or the person was erased.
 */
@Injectable()
export class Contacts {
  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'read'>,
    @Inject(VAULT) private readonly vault: Pick<Vault, 'keysFor'>,
  ) {}

  async customer(customerId: string): Promise<Addressee | undefined> {
    const found = await this.last(OnboardingStarted, onboarding.of(customerId));
    return found === undefined || found.email === erased ? undefined : found;
  }

  /** what a lead told with a signal; the newest one without an id */
  async lead(contactId: string, signalId?: string): Promise<LeadSignalNoted | undefined> {
    const isIt = (data: LeadSignalNoted) => signalId === undefined || data.signalId === signalId;
    const found = await this.last(LeadSignalNoted, leads.of(contactId), isIt);
    return found?.email === erased ? undefined : found;
  }

  /** what was put together upon a signal */
  enriched(contactId: string, signalId: string): Promise<LeadEnriched | undefined> {
    return this.last(LeadEnriched, leads.of(contactId), (data) => data.signalId === signalId);
  }

  async draft(contactId: string, draftId: string): Promise<LeadContentDrafted | undefined> {
    const found = await this.last(LeadContentDrafted, drafts.of(contactId), (data) => data.draftId === draftId);
    return found?.text === erased ? undefined : found;
  }

  private async last<C extends Contract>(
    contract: C,
    stream: string,
    isIt: (data: DataOf<C>) => boolean = () => true,
  ): Promise<DataOf<C> | undefined> {
    const events = await this.store.read(stream);
    const found = events.findLast(
      ({ type, archived, data }) => type === contract.type && !archived && isIt(data as DataOf<C>),
    );
    if (!found) return undefined;
    const data = fromJson(contract, found.data) as DataOf<C>;
    return decryptPii(contract, data, await this.vault.keysFor(subjectsOf(contract, data))) as DataOf<C>;
  }
}
