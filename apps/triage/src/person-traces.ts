import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { DeliveryBytesKept } from '@towpath/contracts/triage/DeliveryBytesKept.v1';
import { decryptPii } from '@towpath/event-store/cipher';
import { scanEvents, type FoundEvent } from '@towpath/event-store/scan';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { saysOneOf } from '@towpath/service-kit/erasure/naming';

/** Where triage finds a person. */
export interface PersonTraces {
  /** the person and its payments, tickets, applications, orders, forms and product triggers, each kind's newest first: ids by which messages name it */
  readonly names: readonly string[];
  /** whose keys encrypt something of the person: the person, its payments, deliveries that name it and nobody else */
  readonly keys: readonly string[];
  /** deliveries whose bytes these keys encrypt */
  readonly deliveries: number;
}

export interface TraceSearch {
  readonly store: Pick<EventStore, 'query'>;
  readonly vault: Pick<Vault, 'keysFor'>;
  readonly signal: AbortSignal;
  /** the story of the erasure, whose own delivery names the person and is kept */
  readonly except: string;
}

/** Reads triage's whole store, once for each kind of thing that is somebody's, in pieces. Throws the signal's reason. */
export async function tracesOf(subject: string, search: TraceSearch): Promise<PersonTraces> {
  const payments = await idsOf(subject, PAYMENTS, search);
  const tickets = await idsOf(subject, TICKETS, search);
  const applications = await idsOf(subject, APPLICATIONS, search);
  const orders = await idsOf(subject, ORDERS, search);
  const submissions = await idsOf(subject, SUBMISSIONS, search);
  const triggers = await idsOf(subject, TRIGGERS, search);
  const names = [subject, ...payments, ...tickets, ...applications, ...orders, ...submissions, ...triggers];
  // Disputes, refunds and reviews name no customer: what they say is kept under the payment's own key.
  const owners = new Set([subject, ...payments.map((paymentId) => `guest_${paymentId}`)]);
  const { store, signal } = search;
  let deliveries = 0;
  for await (const _ of scanEvents(store, { types: [KEPT], field: 'owner', oneOf: [...owners], signal }))
    deliveries += 1;
  const unowned = await unownedDeliveriesNaming(names, search);
  return { names, keys: [...owners, ...unowned], deliveries: deliveries + unowned.length };
}

const KEPT = DeliveryBytesKept.type;
const DELIVERIES_PER_LOOK = 500;

/** Events that say whose something is. */
interface Owned {
  readonly types: readonly string[];
  /** the field with the person */
  readonly owner: string;
  /** the field with what is the person's */
  readonly id: string;
}

const PAYMENTS: Owned = { types: [ChargeSucceeded.type, PaymentFailed.type], owner: 'accountId', id: 'paymentId' };
const TICKETS: Owned = { types: [TicketReceived.type], owner: 'customerId', id: 'ticketId' };
const APPLICATIONS: Owned = { types: [LoanApplicationReceived.type], owner: 'applicantId', id: 'applicationId' };
const ORDERS: Owned = { types: [OrderPlaced.type, RefundRequested.type], owner: 'customerId', id: 'orderId' };
const SUBMISSIONS: Owned = { types: [FormCompleted.type], owner: 'contactId', id: 'submissionId' };
const TRIGGERS: Owned = { types: [ProductTriggerFired.type], owner: 'contactId', id: 'triggerId' };

/** What is the person's, the newest first. */
async function idsOf(subject: string, { types, owner, id }: Owned, { store, signal }: TraceSearch): Promise<string[]> {
  const ids = new Set<string>();
  for await (const { data } of scanEvents(store, { types, field: owner, oneOf: [subject], signal })) {
    const one = String(data[id]);
    // Again at the end: the newest first, once they are turned round.
    ids.delete(one);
    ids.add(one);
  }
  return [...ids].reverse();
}

/** Deliveries whose bytes are about nobody that triage could tell, such as people's commands, and yet name the person. */
async function unownedDeliveriesNaming(names: readonly string[], search: TraceSearch): Promise<string[]> {
  const { store, signal, except } = search;
  const sought = names.map((name) => Buffer.from(name));
  const found: string[] = [];
  let looked: FoundEvent[] = [];
  const look = async (): Promise<void> => {
    for (const { data, body } of await opened(looked, search)) {
      if (saysOneOf(Buffer.from(body), sought)) found.push(data.deliveryId);
    }
    looked = [];
  };
  for await (const event of scanEvents(store, {
    types: [KEPT],
    field: 'owner',
    oneOf: { field: 'deliveryId' },
    signal,
  })) {
    if (event.correlationId !== except) looked.push(event);
    if (looked.length === DELIVERIES_PER_LOOK) await look();
  }
  await look();
  return found;
}

async function opened(events: readonly FoundEvent[], { vault }: TraceSearch) {
  const kept = events.map(({ data }) => data as unknown as DeliveryBytesKept);
  const keys = await vault.keysFor(kept.map(({ owner }) => owner));
  return kept.map((data) => ({ data, body: decryptPii(DeliveryBytesKept, data, keys).body }));
}
