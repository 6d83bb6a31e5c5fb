import { Inject, Injectable } from '@nestjs/common';
import { fromJson } from '@towpath/contracts/codec';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { TicketMessageNoted } from '@towpath/contracts/support/TicketMessageNoted.v1';
import { decryptPii, erased, subjectsOf } from '@towpath/event-store/cipher';
import type { StoredEvent, EventStore } from '@towpath/event-store/types';
import { rowKey } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import { accounts } from './history/accounts.projection.js';
import type { AccountRow } from './history/rows.js';
import { ticketCase } from './ticket-case.js';

/**
 * What was written, readable for the time of one work: folds hold no texts, so they are read from the ticket's own events with the
 * customer's key. Undefined when there is no such text, or the customer was erased.
 */
@Injectable()
export class TicketTexts {
  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'read' | 'loadGroup'>,
    @Inject(VAULT) private readonly vault: Pick<Vault, 'keysFor'>,
  ) {}

  async message(ticketId: string, messageId: string): Promise<TicketMessageNoted | undefined> {
    const found = await this.last(TicketMessageNoted, ticketId, (data) => data.messageId === messageId);
    return found?.body === erased ? undefined : found;
  }

  async draft(ticketId: string, replyId: string): Promise<ReplyDrafted | undefined> {
    const found = await this.last(ReplyDrafted, ticketId, (data) => data.replyId === replyId);
    return found?.text === erased ? undefined : found;
  }

  /** What happened to the payments of an account; undefined for none. */
  async account(accountId: string | null | undefined): Promise<AccountRow | undefined> {
    if (accountId == null) return undefined;
    const ref = accounts.at(accountId);
    const { rows } = await this.store.loadGroup({ consumer: 'support', ids: [], streams: [], rows: [ref] });
    return rows.get(rowKey(ref))?.state as AccountRow | undefined;
  }

  private async last<C extends Contract>(
    contract: C,
    ticketId: string,
    isIt: (data: DataOf<C>) => boolean,
  ): Promise<DataOf<C> | undefined> {
    const events = await this.store.read(ticketCase.of(ticketId));
    const found = events.findLast((event) => isKept(contract, event) && isIt(event.data as DataOf<C>));
    if (!found) return undefined;
    const data = fromJson(contract, found.data) as DataOf<C>;
    return decryptPii(contract, data, await this.vault.keysFor(subjectsOf(contract, data))) as DataOf<C>;
  }
}

function isKept(contract: Contract, { type, archived }: StoredEvent): boolean {
  return type === contract.type && !archived;
}
