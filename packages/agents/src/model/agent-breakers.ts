import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { AttemptFailure } from './attempt-failure.js';

const AGENTS_MAX = 1_000;

/**
 * A breaker for each agent, beside the provider's own in the outbound client: a model that keeps answering one agent outside its
 * schema is left alone by that agent, and by no other.
 */
export class AgentBreakers {
  private readonly breakers = new Map<string, CircuitBreakerPolicy>();

  constructor(
    private readonly settings: { readonly failures: number; readonly openMs: number },
    private readonly changed: (agent: string, state: 'open' | 'closed', cause: string) => void,
  ) {}

  /** Agents that ask no model now. */
  get open(): number {
    return [...this.breakers.values()].filter(({ state }) => state === CircuitState.Open).length;
  }

  /** Agents that have a breaker. */
  get agents(): readonly string[] {
    return [...this.breakers.keys()];
  }

  /** Forgets the agent's failures: it asks again at once. */
  reset(agent: string): void {
    const wasOpen = this.breakers.get(agent)?.state === CircuitState.Open;
    this.breakers.delete(agent);
    if (wasOpen) this.changed(agent, 'closed', 'reset');
  }

  /** Runs one try, or throws AttemptFailure (not sent) when the agent's breaker is open. */
  async execute<T>(agent: string, attempt: () => Promise<T>): Promise<T> {
    try {
      return await this.of(agent).execute(attempt);
    } catch (error) {
      if (!(error instanceof BrokenCircuitError)) throw error;
      const { failures, openMs } = this.settings;
      throw new AttemptFailure(
        'MODEL_UNAVAILABLE',
        `the breaker is open: ${failures} failures in a row; asked again within ${openMs} ms`,
        { sent: false, billed: 'no', mayPass: false, counts: false },
        { cause: error },
      );
    }
  }

  private of(agent: string): CircuitBreakerPolicy {
    const known = this.breakers.get(agent);
    if (known) return known;
    if (this.breakers.size >= AGENTS_MAX) this.breakers.clear();
    const made = circuitBreaker(
      handleWhen((error) => error instanceof AttemptFailure && error.facts.counts),
      { breaker: new ConsecutiveBreaker(this.settings.failures), halfOpenAfter: this.settings.openMs },
    );
    let trouble = '';
    made.onFailure(
      ({ reason }) => (trouble = 'error' in reason && reason.error instanceof AttemptFailure ? reason.error.code : ''),
    );
    made.onBreak(() => this.changed(agent, 'open', `${this.settings.failures} failures in a row: ${trouble}`));
    made.onReset(() => this.changed(agent, 'closed', 'the model answered again'));
    this.breakers.set(agent, made);
    return made;
  }
}
