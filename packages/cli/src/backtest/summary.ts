/** What a service's program says of a backtest as a whole; see its `BacktestSummary`. */
export interface Summary {
  readonly messages: number;
  readonly compared: number;
  readonly flipped: number;
  readonly flips: Readonly<Record<string, number>>;
  readonly failed: number;
  /** dead letters then and now, for the same reason */
  readonly failedAsBefore: number;
  /** not compared: their people were erased since */
  readonly erased: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  readonly costMicros: number;
  readonly recordedCostMicros: number;
}

export interface Flip {
  readonly subject: string;
  readonly recorded: string | null;
  readonly replayed: string | null;
  readonly message: string;
  /** what the two decisions say otherwise of themselves */
  readonly why: readonly { readonly field: string; readonly recorded: string; readonly replayed: string }[];
}

/** A message that could not be decided; see the service's `FailedMessage`. */
export interface FailedMessage {
  readonly message: string;
  readonly type: string;
  readonly story: string;
  readonly handler: string;
  readonly code: string;
  readonly place: string | null;
}
