import type { LocalPlatform } from '@towpath/cli/local/platform';

/** What the provider knows of a payment beyond its deliveries; see the sandbox's own seeds. */
export interface ProviderPayment {
  readonly id: string;
  readonly status?: 'requires_capture' | 'succeeded' | 'canceled';
  readonly amount?: number;
  readonly currency?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly customerId?: string;
  readonly customerCreated?: number;
  readonly riskLevel?: string;
}

/** One call, as the provider saw it. */
export interface SeenCall {
  readonly method: string;
  readonly path: string;
  readonly traceparent: string | null;
  readonly tracestate: string | null;
  /** null while unanswered */
  readonly status: number | null;
}

/** What was done at a third party other than Stripe. */
export interface SeenAct {
  /** one of the sandbox's counterparts, such as zendesk, smtp or accounts */
  readonly provider: string;
  readonly action: string;
  readonly subject: string;
  readonly effectId: string | null;
  /** when, ISO 8601 */
  readonly time: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Talks to the platform's stand-in for the provider. */
export class Sandbox {
  private readonly base: string;

  constructor({ around }: Pick<LocalPlatform, 'around'>) {
    this.base = `http://127.0.0.1:${around.ports.sandbox}/sandbox`;
  }

  async seed(payments: readonly ProviderPayment[]): Promise<void> {
    await this.ask('PUT', '/payments', payments);
  }

  /** How it misbehaves, until `behave()` without argument. */
  async behave(behaviour?: object): Promise<void> {
    await (behaviour ? this.ask('PUT', '/behaviour', behaviour) : this.ask('DELETE', '/behaviour'));
  }

  /** All calls so far, reads included. */
  async calls(): Promise<number> {
    const answer = (await (await this.ask('GET', '/health')).json()) as { calls: number };
    return answer.calls;
  }

  /** The latest calls, reads included, oldest first. */
  async latestCalls(): Promise<SeenCall[]> {
    return ((await (await this.ask('GET', '/calls')).json()) as { calls: SeenCall[] }).calls;
  }

  /** What was done at third parties other than Stripe, or at one of them; the latest, oldest first. */
  async acts(provider?: string): Promise<SeenAct[]> {
    const query = provider === undefined ? '' : `?provider=${provider}`;
    return ((await (await this.ask('GET', `/acts${query}`)).json()) as { acts: SeenAct[] }).acts;
  }

  private async ask(method: string, path: string, body?: object): Promise<Response> {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(this.base + path, { method, ...content, signal: AbortSignal.timeout(10_000) });
    if (!answer.ok)
      throw new Error(`SANDBOX_REFUSED: ${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }
}
