/** What happened to a payment. */
export interface AccountChange {
  readonly paymentId: string;
  readonly change: string;
  readonly amountMinor: number | null;
  readonly currency: string | null;
  /** milliseconds since the epoch */
  readonly at: number;
}

/** The newest things that happened to the payments of an account, oldest first. */
export interface AccountRow {
  readonly changes: readonly AccountChange[];
}

/** What support did in a ticket. */
export interface CustomerTicket {
  readonly ticketId: string;
  /** the last intent that was answered or asked about */
  readonly intent: string | null;
  /** milliseconds since the epoch */
  readonly openedAt: number;
  /** of the last reply; null when there was none */
  readonly repliedAt: number | null;
  readonly escalated: boolean;
}

/** What support did with a customer before. Rows are found by the keyed hash of the customer and name nobody. */
export interface CustomerRow {
  /** the newest, oldest first */
  readonly tickets: readonly CustomerTicket[];
  /** when the customer wrote, oldest first, milliseconds since the epoch */
  readonly contacts: readonly number[];
}
