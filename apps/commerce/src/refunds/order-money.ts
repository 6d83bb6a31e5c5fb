import type { OrderCharged } from '@towpath/contracts/commerce/OrderCharged.v1';
import type { OrderPaid } from '@towpath/contracts/commerce/OrderPaid.v1';

/** One refund of an order. */
export interface Refund {
  readonly status: 'reserved' | 'released' | 'posted';
  /** minor units of the order's currency */
  readonly amountMinor: number;
  /** gateway, alternate-gateway or credit; set once it is posted */
  readonly method?: string;
  readonly entryId?: string;
}

/** The money of one order. */
export interface OrderLedger {
  /** what took the money; set once the provider said so */
  readonly charge?: Pick<OrderCharged, 'paymentId' | 'provider'>;
  /** set once the order is paid for good */
  readonly paid?: OrderPaid;
  readonly refunds: Readonly<Record<string, Refund>>;
  /** what went back at the provider, whoever asked for it, by kind: minor units of the order's currency */
  readonly returns: Readonly<Record<string, number>>;
}

/** Everything that went back of an order by our own hand, minor units. */
export function refundedMinor({ refunds }: OrderLedger): number {
  return sumOf(refunds, ({ status }) => status === 'posted');
}

/**
 * What another refund can have, minor units. What a provider says went back and what we had go back there are mostly the same money,
 * told by two: the larger counts. Until a refund that is set aside is entered it may count twice, which errs to the safe side.
 */
export function leftMinor({ paid, refunds, returns }: OrderLedger): number {
  if (!paid) return 0;
  const setAside = sumOf(refunds, ({ status }) => status === 'reserved');
  const byGateway = sumOf(refunds, ({ status, method }) => status === 'posted' && method === 'gateway');
  const elsewhere = sumOf(refunds, ({ status, method }) => status === 'posted' && method !== 'gateway');
  const atProvider = Object.values(returns).reduce((sum, amount) => sum + amount, 0);
  return Math.max(0, paid.amountMinor - setAside - elsewhere - Math.max(byGateway, atProvider));
}

function sumOf(refunds: OrderLedger['refunds'], counts: (refund: Refund) => boolean): number {
  return Object.values(refunds).reduce((sum, refund) => (counts(refund) ? sum + refund.amountMinor : sum), 0);
}
