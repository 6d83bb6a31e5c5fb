import { LimitReached } from './agent-errors.js';

/** What one run may use at most. */
export interface Limits {
  /** turns of its members together */
  readonly turns: number;
  readonly toolCalls: number;
  /** of all models asked, request and answer */
  readonly tokens: number;
  /** millionths of a US dollar */
  readonly costMicros: number;
  /** of one attempt, milliseconds */
  readonly wallMs: number;
  /** members within members */
  readonly depth: number;
}

export type LimitName = keyof Limits;

export const DEFAULT_LIMITS: Limits = {
  turns: 8,
  toolCalls: 16,
  tokens: 50_000,
  costMicros: 200_000,
  wallMs: 45_000,
  depth: 3,
};

/** What a run has used so far, held against its limits. A resumed run counts what it finished before. */
export class Meter {
  turns = 0;
  toolCalls = 0;
  tokens = 0;
  costMicros = 0;

  constructor(
    readonly limits: Limits,
    /** what the same run used before it fell back: it has limits of its own, but the run's sums count both */
    private readonly before?: Meter,
  ) {}

  /** Throws LimitReached instead of beginning one turn too many. */
  turn(): void {
    if (this.turns >= this.limits.turns) throw new LimitReached('turns', this.limits.turns);
    this.turns += 1;
  }

  toolCall(): void {
    if (this.toolCalls >= this.limits.toolCalls) throw new LimitReached('toolCalls', this.limits.toolCalls);
    this.toolCalls += 1;
  }

  /** Before a model is asked: something must be left for it. */
  modelCall(): void {
    if (this.tokens >= this.limits.tokens) throw new LimitReached('tokens', this.limits.tokens);
    if (this.costMicros >= this.limits.costMicros) throw new LimitReached('costMicros', this.limits.costMicros);
  }

  spent(use: { readonly tokens: number; readonly costMicros: number }): void {
    this.tokens += use.tokens;
    this.costMicros += use.costMicros;
  }

  depth(depth: number): void {
    if (depth > this.limits.depth) throw new LimitReached('depth', this.limits.depth);
  }

  /** What the whole run used. */
  get total(): Pick<Limits, 'turns' | 'toolCalls' | 'tokens' | 'costMicros'> {
    const before = this.before?.total;
    return {
      turns: this.turns + (before?.turns ?? 0),
      toolCalls: this.toolCalls + (before?.toolCalls ?? 0),
      tokens: this.tokens + (before?.tokens ?? 0),
      costMicros: this.costMicros + (before?.costMicros ?? 0),
    };
  }

  /** What is left for models. */
  get left(): Pick<Limits, 'tokens' | 'costMicros'> {
    return {
      tokens: Math.max(0, this.limits.tokens - this.tokens),
      costMicros: Math.max(0, this.limits.costMicros - this.costMicros),
    };
  }
}
