/** A dispute as the provider told it. */
export interface Dispute {
  readonly paymentId: string;
  readonly disputeId: string;
  readonly reason: string;
  /** minor units of `currency` */
  readonly amountMinor: number;
  readonly currency: string;
  readonly openedAt: number;
}

/** What fraud knows of the disputed payment. */
export interface PaymentView {
  readonly accountId: string;
  readonly chargedAt: number;
  readonly amountMinor: number;
  readonly currency: string;
  /** what had been decided: approved, held, blocked or none */
  readonly decision: string;
  readonly captured: boolean;
  /** cancelled or refunded: there is no money left to move */
  readonly returned: boolean;
  /** the provider took the disputed money already */
  readonly withdrawn: boolean;
  /** the order that it paid for, once that was fulfilled */
  readonly orderId: string | null;
}

/** What support knows of the customer. */
export interface ContactView {
  /** tickets between charge and dispute */
  readonly ticketIds: readonly string[];
}

/** What is proposed to send back. */
export interface Refund {
  /** minor units of `currency`; 0 for nothing */
  readonly refundMinor: number;
  readonly currency: string;
}

/** Everything that a dispute is decided from. */
export interface Findings {
  readonly payment: PaymentView;
  readonly contacts: ContactView;
  readonly refund: Refund;
}

export interface Verdict extends Refund {
  readonly action: 'accept' | 'refund' | 'contest';
  readonly reasons: readonly string[];
}

/** What a checker has against sending money back; empty when it may go. Each would lose money twice or more than was taken. */
export function objectionsTo({ refundMinor, currency }: Refund, dispute: Dispute, payment: PaymentView): string[] {
  if (refundMinor === 0) return [];
  const objections: string[] = [];
  if (payment.withdrawn) objections.push('MONEY_WITHDRAWN');
  if (!payment.captured) objections.push('NOT_CAPTURED');
  if (payment.returned) objections.push('ALREADY_RETURNED');
  if (currency !== payment.currency) objections.push('OTHER_CURRENCY');
  if (refundMinor > payment.amountMinor) objections.push('MORE_THAN_TAKEN');
  if (refundMinor > dispute.amountMinor) objections.push('MORE_THAN_DISPUTED');
  if (refundMinor < 0) objections.push('NEGATIVE');
  return objections;
}

/** What the maker proposes, given what the checker objected to. */
export function proposeRefund(dispute: Dispute, payment: PaymentView, objections: readonly string[]): Refund {
  const { currency } = dispute;
  const tooMuch = ['MORE_THAN_TAKEN', 'MORE_THAN_DISPUTED'];
  if (objections.length === 0) return { refundMinor: dispute.amountMinor, currency };
  if (objections.every((objection) => tooMuch.includes(objection))) {
    return { refundMinor: Math.min(dispute.amountMinor, payment.amountMinor), currency };
  }
  return { refundMinor: 0, currency };
}

/** Fraud that we see ourselves is accepted, with the money sent back while it is ours; what speaks for us is contested. */
export function verdictOf(dispute: Dispute, { payment, contacts, refund }: Findings): Verdict {
  const { currency } = refund;
  const nothing = { refundMinor: 0, currency };
  if (payment.returned) return { ...nothing, action: 'contest', reasons: ['the money had gone back already'] };
  if (contacts.ticketIds.length > 0 && dispute.reason === 'fraudulent') {
    const words = 'the customer wrote about it before calling it fraud';
    return { ...nothing, action: 'contest', reasons: [words] };
  }
  if (dispute.reason !== 'fraudulent') {
    const shown =
      payment.orderId === null ? 'is for people to show' : `and yet order ${payment.orderId} was sent and confirmed`;
    return { ...nothing, action: 'contest', reasons: [`${dispute.reason} ${shown}`] };
  }
  const seen =
    payment.decision === 'approved' ? 'the payment had been approved' : `the payment was ${payment.decision}`;
  if (refund.refundMinor > 0) return { ...refund, action: 'refund', reasons: [seen, 'the money is still ours'] };
  return { ...nothing, action: 'accept', reasons: [seen, 'nothing is left to send back'] };
}
