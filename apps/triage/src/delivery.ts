import { DeliveryRefused } from '@towpath/contracts/triage/DeliveryRefused.v1';
import { DeliveryRouted } from '@towpath/contracts/triage/DeliveryRouted.v1';
import { DeliveryUnrouted } from '@towpath/contracts/triage/DeliveryUnrouted.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What is known of a delivery: the hash of the bytes that came first, once there is an outcome. */
export interface Delivery {
  readonly sha256: string | null;
}

/** One delivery of a source; its first event records the outcome and the hash of its bytes. */
export const deliveries = aggregate<Delivery>({
  stream: 'delivery',
  initial: { sha256: null },
  evolve(delivery, event) {
    if (delivery.sha256 !== null) return delivery;
    const outcome = isOf(DeliveryRouted, event) || isOf(DeliveryUnrouted, event) || isOf(DeliveryRefused, event);
    return outcome ? { sha256: (event.data as { sha256: string }).sha256 } : delivery;
  },
});
