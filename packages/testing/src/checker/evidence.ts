/** A delivery as its sender knows it: what was sent, and that a 2xx came back, how often. */
export interface Accepted {
  /** `ce_id` that the 202 named */
  readonly deliveryId: string;
  /** how many attempts were answered with 2xx */
  readonly accepts: number;
  /** the payment that must be decided because of it; null for a delivery that decides nothing */
  readonly paymentId: string | null;
}

/** A row of a store's `events`, as Postgres gives it. */
export interface EventRow {
  readonly position: string;
  readonly stream: string;
  readonly version: string;
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly digest: Buffer;
  readonly hash: Buffer;
  readonly occurred_at: Date;
}

/** A record of a topic that the relay should have written. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** A line of the sandbox's own log. */
export interface SandboxLine {
  readonly action: string;
  readonly subject: string;
  readonly idempotencyKey: string | null;
  readonly outcome: string;
}

/** What one check came to. `samples` are the first violations, in words. */
export interface Verdict {
  readonly invariant: string;
  readonly checked: number;
  readonly violations: number;
  readonly samples: readonly string[];
}

const SAMPLES_MAX = 10;

/** Counts what was checked and keeps the first violations. */
export class Findings {
  private checked = 0;
  private violations = 0;
  private readonly samples: string[] = [];

  constructor(private readonly invariant: string) {}

  check(holds: boolean, violation: () => string): void {
    this.checked += 1;
    if (holds) return;
    this.violations += 1;
    if (this.samples.length < SAMPLES_MAX) this.samples.push(violation());
  }

  verdict(): Verdict {
    const { invariant, checked, violations, samples } = this;
    return { invariant, checked, violations, samples };
  }
}
