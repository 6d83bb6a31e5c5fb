import { Inject, Injectable } from '@nestjs/common';
import { fromJson } from '@towpath/contracts/codec';
import { OrderOpened } from '@towpath/contracts/orders/OrderOpened.v1';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import { isOf } from '@towpath/event-store/fold';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { EVENT_STORE, VAULT } from '@towpath/service-kit/platform';
import type { OrderTexts } from './order-end.js';
import { purchase } from './purchase.js';

/** What is personal of an order, readable for the time of one work: folds hold none of it. */
@Injectable()
export class OrderReader {
  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'read'>,
    @Inject(VAULT) private readonly vault: Pick<Vault, 'keysFor'>,
  ) {}

  /** Null while the order has not come; `erased` for an erased customer. */
  async texts(orderId: string): Promise<OrderTexts | null> {
    const events = await this.store.read(purchase.of(orderId));
    const opened = events.find((event) => isOf(OrderOpened, event));
    if (!opened) return null;
    const data = fromJson(OrderOpened, opened.data);
    const { email, name, itemsText } = decryptPii(
      OrderOpened,
      data,
      await this.vault.keysFor(subjectsOf(OrderOpened, data)),
    );
    return { email, name, itemsText };
  }
}
