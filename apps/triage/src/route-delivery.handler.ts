import { Injectable } from '@nestjs/common';
import { contractOf } from '@towpath/contracts/catalogue';
import { fromJson, toJson } from '@towpath/contracts/codec';
import { ChargeLinked } from '@towpath/contracts/triage/ChargeLinked.v1';
import { ChargeMessageAwaitingPayment } from '@towpath/contracts/triage/ChargeMessageAwaitingPayment.v1';
import { DeliveryBytesKept } from '@towpath/contracts/triage/DeliveryBytesKept.v1';
import { DeliveryRefused } from '@towpath/contracts/triage/DeliveryRefused.v1';
import { DeliveryRouted } from '@towpath/contracts/triage/DeliveryRouted.v1';
import { DeliveryUnrouted } from '@towpath/contracts/triage/DeliveryUnrouted.v1';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import type { Vault } from '@towpath/event-store/vault';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { InjectVault } from '@towpath/service-kit/platform';
import { charges } from './charge.js';
import { deliveries } from './delivery.js';
import { domainContracts, type DomainMessage } from './domain-contracts.js';
import { taxonomies } from './taxonomy/taxonomies.js';
import type { Delivered, ProviderEvent, Routed, Taxonomy } from './taxonomy/taxonomy.js';

const outcomes = [DeliveryRouted, DeliveryUnrouted, DeliveryRefused, DeliveryBytesKept] as const;
const bookkeeping = [ChargeLinked, ChargeMessageAwaitingPayment] as const;
const emits = [...outcomes, ...bookkeeping, ...domainContracts] as const;
type Outgoing = Emission<(typeof emits)[number]>;

/** Every delivery becomes exactly one recorded outcome: the messages it means, unrouted, or refused. */
@Injectable()
@Handles(WebhookReceived, { emits })
export class RouteDelivery {
  /** A body is parsed once, although `reads` and `handle` both look at it. */
  private readonly bodies = new WeakMap<object, unknown>();

  constructor(@InjectVault() private readonly vault: Pick<Vault, 'lookupHash'>) {}

  /** A provider's repeat may come from another address or at another time; its bytes are the same. */
  fingerprint(delivery: Delivered): string {
    return delivery.data.sha256;
  }

  reads(delivery: Delivered): Reads {
    const chargeIds = taxonomyOf(delivery).chargesOf(this.bodyOf(delivery));
    return { streams: [deliveries.of(delivery.id), ...chargeIds.map((id) => charges.of(id))] };
  }

  handle(delivery: Delivered, state: DecisionState): readonly Outgoing[] {
    const known = state.of(deliveries, delivery.id);
    if (known.sha256 === delivery.data.sha256) return [];
    if (known.sha256 !== null)
      return [refusal(delivery, unknownEvent, 'ID_REUSED', 'the id came before with other bytes')];
    const routing = taxonomyOf(delivery).route(this.bodyOf(delivery), delivery, {
      hash: (value) => this.vault.lookupHash(value),
      paymentOf: (chargeId) => state.of(charges, chargeId).paymentId,
    });
    switch (routing.kind) {
      case 'unrouted':
        return [
          emit(DeliveryUnrouted, { ...recordOf(delivery, routing.about), reason: routing.reason }),
          kept(delivery, routing.about),
        ];
      case 'refused':
        return [refusal(delivery, routing.about, routing.code, routing.detail), kept(delivery, routing.about)];
      case 'routed':
        return this.routed(delivery, routing, state);
    }
  }

  private routed(delivery: Delivered, routing: Routed, state: DecisionState): readonly Outgoing[] {
    const messages = [...routing.messages];
    const links: Outgoing[] = [];
    if (routing.charge) {
      const { chargeId, paymentId } = routing.charge;
      const charge = state.of(charges, chargeId);
      if (charge.paymentId === null && paymentId !== null) {
        links.push(emit(ChargeLinked, { chargeId, paymentId }));
        if (paymentId !== chargeId) messages.push(...charge.awaiting.map((one) => redirected(one, paymentId)));
      } else if (charge.paymentId === null) {
        links.push(...messages.map((message) => awaiting(chargeId, message)));
      }
    }
    const routedTo = messages.map(({ contract }) => contract.type);
    const outcome = emit(DeliveryRouted, { ...recordOf(delivery, routing.about), routedTo });
    return [outcome, kept(delivery, routing.about), ...links, ...messages];
  }

  private bodyOf(delivery: Delivered): unknown {
    let body = this.bodies.get(delivery.data);
    if (body === undefined) {
      // Ingress accepts JSON objects only, and the bytes are the ones it accepted.
      body = JSON.parse(delivery.data.body.toString('utf8')) as unknown;
      this.bodies.set(delivery.data, body);
    }
    return body;
  }
}

const unknownEvent: ProviderEvent = { providerType: 'unknown', providerEventId: null, owner: null };

function taxonomyOf(delivery: Delivered): Taxonomy {
  const taxonomy = taxonomies.get(delivery.data.provider);
  if (taxonomy) return taxonomy;
  throw new Permanent(
    'PROVIDER_UNKNOWN',
    `no taxonomy for provider ${delivery.data.provider}; add one to apps/triage/src/taxonomy`,
  );
}

function recordOf(delivery: Delivered, about: ProviderEvent) {
  const { source, provider, sha256, receivedAt } = delivery.data;
  const { providerType, providerEventId } = about;
  return { deliveryId: delivery.id, source, provider, providerType, providerEventId, sha256, receivedAt };
}

function refusal(
  delivery: Delivered,
  about: ProviderEvent,
  code: string,
  detail: string,
): Emission<typeof DeliveryRefused> {
  return emit(DeliveryRefused, { ...recordOf(delivery, about), code, detail });
}

function kept(delivery: Delivered, about: ProviderEvent): Emission<typeof DeliveryBytesKept> {
  // Ingress accepts valid UTF-8 only, so the text gives the bytes back.
  const body = delivery.data.body.toString('utf8');
  return emit(DeliveryBytesKept, { deliveryId: delivery.id, owner: about.owner ?? delivery.id, body });
}

/** A message that was sent for its charge before the payment was known, now for the payment. */
function redirected(one: { type: string; data: string }, paymentId: string): DomainMessage {
  const contract = contractOf(one.type);
  const data = fromJson(contract, JSON.parse(one.data)) as Record<string, unknown>;
  return { contract, data: { ...data, paymentId } } as DomainMessage;
}

function awaiting(chargeId: string, message: Emission): Emission<typeof ChargeMessageAwaitingPayment> {
  const { contract } = message;
  // Kept for ever and readable, so without what names a person; the hashes stay.
  const data: Record<string, unknown> = { ...(message.data as object) };
  for (const { name } of contract.pii) data[name] = null;
  return emit(ChargeMessageAwaitingPayment, {
    chargeId,
    type: contract.type,
    data: JSON.stringify(toJson(contract, data)),
  });
}
