/** A transaction of the stream: how many of its rows still wait for their acknowledgement, and where it ends. */
export interface OpenTransaction {
  outstanding: number;
  /** its end in the write-ahead log; undefined until its commit was read */
  end: bigint | undefined;
  /** the heartbeat that it holds */
  heartbeat: Heartbeat | undefined;
}

/** A heartbeat row of the relay itself. */
export interface Heartbeat {
  /** every transaction below it ended before this one committed */
  readonly safeXid: string;
  /** when it was made, in milliseconds since the epoch, by the database's clock */
  readonly beatAt: number;
}

/**
 * Knows up to where the slot may be confirmed: the end of the last transaction of which, and of all before which, every
 * row is acknowledged. Rows are acknowledged in any order. A position inside a transaction is never confirmed, because
 * Postgres would skip the rest of it after a reconnect.
 */
export class LsnLedger {
  private readonly waiting: OpenTransaction[] = [];
  private head = 0;
  private open: OpenTransaction | undefined;
  private confirmedEnd = 0n;
  private confirmedBeat: Heartbeat | undefined;

  /** The position that may be confirmed; 0 while nothing may. */
  get confirmed(): bigint {
    return this.confirmedEnd;
  }

  /** The last heartbeat's value that is confirmed: every row of a transaction below it has been published. */
  get safeXid(): string | undefined {
    return this.confirmedBeat?.safeXid;
  }

  /** When the last heartbeat was made that is confirmed. */
  get beatAt(): number | undefined {
    return this.confirmedBeat?.beatAt;
  }

  /** Transactions that are read and not confirmed. */
  get unconfirmed(): number {
    return this.waiting.length - this.head;
  }

  begin(): void {
    this.open = { outstanding: 0, end: undefined, heartbeat: undefined };
    this.waiting.push(this.open);
  }

  /** One more row of the open transaction that must be acknowledged; give the result to `acknowledge`. */
  row(): OpenTransaction {
    const open = this.expectOpen();
    open.outstanding += 1;
    return open;
  }

  /** The open transaction holds this heartbeat row. */
  heartbeat({ safeXid, beatAt }: Heartbeat): void {
    this.expectOpen().heartbeat = { safeXid, beatAt };
  }

  commit(end: bigint): void {
    this.expectOpen().end = end;
    this.open = undefined;
    this.advance();
  }

  /** The server has sent everything up to `end`; tells nothing inside a transaction. */
  keepalive(end: bigint): void {
    if (this.open) return;
    if (this.unconfirmed === 0) {
      this.confirm(end);
      return;
    }
    const last = this.waiting[this.waiting.length - 1];
    if (last?.end !== undefined && end > last.end) last.end = end;
  }

  acknowledge(transaction: OpenTransaction): void {
    transaction.outstanding -= 1;
    if (transaction.outstanding === 0) this.advance();
  }

  private expectOpen(): OpenTransaction {
    if (this.open) return this.open;
    throw new Error('RELAY_PROTOCOL: a row or commit outside a transaction');
  }

  private advance(): void {
    for (;;) {
      const first = this.waiting[this.head];
      if (first?.end === undefined || first.outstanding > 0) break;
      this.head += 1;
      this.confirm(first.end);
      this.confirmedBeat = first.heartbeat ?? this.confirmedBeat;
    }
    // The passed part is dropped now and then only: shifting one by one would copy the rest each time.
    if (this.head > 1_024 || this.head === this.waiting.length) {
      this.waiting.splice(0, this.head);
      this.head = 0;
    }
  }

  private confirm(end: bigint): void {
    if (end > this.confirmedEnd) this.confirmedEnd = end;
  }
}
