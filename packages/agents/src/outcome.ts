/** Who made a decision: a model's answer took part, the deterministic analyst alone, or fixed rules. */
export type DecidedBy = 'model' | 'analyst' | 'rules';

interface Ended {
  readonly runId: string;
  readonly decidedBy: DecidedBy;
  /** codes and texts that name no person, in the order they came up; a fallback's begins with `FALLBACK` */
  readonly reasons: readonly string[];
  readonly turns: number;
  readonly toolCalls: number;
  readonly tokens: number;
  /** millionths of a US dollar */
  readonly costMicros: number;
}

/** A run that came to a decision. */
export interface Decided<Out> extends Ended {
  readonly status: 'decided';
  readonly decision: Out;
}

/** Why a person has to decide. */
export interface Escalation {
  readonly code: string;
  readonly reason: string;
  /** what led here, as JSON; may be personal */
  readonly history: readonly unknown[];
}

/** A run that ends with a question to a person. */
export interface Escalated extends Ended {
  readonly status: 'needs_human';
  readonly decision: null;
  readonly escalation: Escalation;
}

/** How a run ended. */
export type Outcome<Out> = Decided<Out> | Escalated;
