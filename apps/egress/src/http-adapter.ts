import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { OutboundClient, OutboundRequest } from '@towpath/outbound/outbound-client';
import { inTraceOf } from '@towpath/service-kit/tracing/in-trace-of';
import type { z } from 'zod';
import { defineAdapter, type Adapter, type Surroundings, type Tool } from './adapter.js';
import { answerOf, failureOf, verdictOf, type Answer } from './answer.js';
import { dataOf } from './effect-data.js';
import { storyMetadata } from './effect-story.js';
import { resultOfFailure, Unsendable } from './failed-call.js';
import type { OpenEffect } from './ledger.projection.js';
import type { CallResult, ProbeResult, Provider } from './provider.js';
import { outletOf, type ProviderLimits } from './provider-limits.js';

/** What one call is made from. */
export interface Ask<T, S> {
  readonly effect: OpenEffect;
  /** the command's data, personal data included */
  readonly data: T;
  readonly settings: S;
  /** leave them at the provider where it keeps metadata: ids of story and effect, signed */
  readonly marks: Readonly<Record<string, string>>;
  /** the same, signed for something else than the effect's subject */
  marksFor(signedFor: string): Readonly<Record<string, string>>;
}

export interface ToolRequest {
  readonly method: OutboundRequest['method'];
  /** below the provider's address */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** sent as JSON */
  readonly body?: object;
}

/** Reads at the provider; throws NotRead when there is no good answer. `orMissing`: a 404 is one. */
export type Read = (path: string, options?: { readonly orMissing?: boolean }) => Promise<Answer>;

/** What a look before the call finds. */
export type Located =
  /** nothing stands in the way */
  | { readonly kind: 'absent' }
  /** the provider's id of what the call is about */
  | { readonly kind: 'found'; readonly id: string }
  /** it is as the command wants it: done by an earlier command, or there is nothing to undo */
  | { readonly kind: 'settled'; readonly reference: string };

/** A tool that is one HTTP request, and a read that tells whether it was done. */
export interface HttpTool<T, S> {
  /** looks first, for what has to be found or may be there already; may use `read` several times */
  locate?(ask: Ask<T, S>, read: Read): Promise<Located>;
  /** the one mutating request; `id` is what was found, empty when nothing was. Throws Unsendable for what the provider does not take */
  request(ask: Ask<T, S>, id: string): ToolRequest;
  /** the provider's id of what was made; undefined for an answer that names none */
  reference(answer: Answer, ask: Ask<T, S>, id: string): string | undefined;
  /** a "no" that comes with a good status */
  refusal?(answer: Answer): { readonly code: string; readonly detail: string } | undefined;
  /** may use `read` several times */
  probe(ask: Ask<T, S>, read: Read): Promise<ProbeResult>;
}

export interface HttpAdapter<S extends z.ZodObject> {
  readonly provider: string;
  readonly settings: S;
  readonly tools: readonly (Tool & HttpTool<never, z.output<S>>)[];
  limits(settings: z.output<S>, around: Surroundings): ProviderLimits;
  /** credentials and versions; without `live` they are none that are worth anything */
  headers(settings: z.output<S>, live: boolean): Readonly<Record<string, string>>;
  /** what this provider's answers mean, where they don't mean what their status says */
  verdict?(answer: Answer): CallResult | undefined;
  /** how long a repeated idempotency key gives the first outcome; 0 for none */
  keyWindowMs?(settings: z.output<S>): number;
}

/** A tool of `HttpAdapter` with its command's types. */
export function httpTool<C extends Contract, S>(tool: Tool<C> & HttpTool<DataOf<C>, S>): Tool & HttpTool<never, S> {
  return tool;
}

/** An adapter whose tools are HTTP requests of JSON. */
export function httpAdapter<S extends z.ZodObject>(adapter: HttpAdapter<S>): Adapter {
  const { provider, tools, settings } = adapter;
  return defineAdapter({
    provider,
    tools,
    settings,
    open: (values, around) => new HttpProvider(adapter, values, around),
  });
}

const ABSENT: Located = { kind: 'absent' };
/** Stands in a rehearsed call for what a look would have found. */
const NOT_LOOKED_UP = 'not-looked-up';

/** A read that brought no answer to go by. */
class NotRead extends Error {
  constructor(readonly result: ProbeResult) {
    super(result.kind);
  }
}

class HttpProvider<S extends z.ZodObject> implements Provider {
  readonly keyWindowMs: number;
  readonly callMsMax: number;
  readonly concurrency: number;
  readonly lateMs: number;
  readonly retry: ProviderLimits['retry'];
  readonly breakers: Provider['breakers'];
  private readonly limits: ProviderLimits;
  private readonly outlet: OutboundClient;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(
    private readonly adapter: HttpAdapter<S>,
    private readonly settings: z.output<S>,
    private readonly around: Surroundings,
  ) {
    const limits = adapter.limits(settings, around);
    const outlet = outletOf(adapter.provider, limits, around);
    this.limits = limits;
    this.outlet = outlet;
    this.headers = { accept: 'application/json', ...adapter.headers(settings, limits.live) };
    this.keyWindowMs = adapter.keyWindowMs?.(settings) ?? 0;
    this.callMsMax = limits.callMsMax;
    this.concurrency = limits.concurrency;
    this.lateMs = limits.lateMs;
    this.retry = limits.retry;
    this.breakers = [
      {
        name: adapter.provider,
        get state() {
          return outlet.breakerState;
        },
        reset: () => outlet.resetBreaker(),
      },
    ];
  }

  accepts(): boolean {
    return this.outlet.breakerState !== 'open';
  }

  execute(effect: OpenEffect): Promise<CallResult> {
    return inTraceOf(effect.origin, () => this.call(effect).catch(resultOfFailure));
  }

  probe(effect: OpenEffect): Promise<ProbeResult> {
    return inTraceOf(effect.origin, () => this.look(effect)).catch((error: unknown) => {
      if (error instanceof NotRead) return error.result;
      if (error instanceof Unsendable) return { kind: 'impossible', code: error.code, detail: error.detail };
      return { kind: 'unavailable', detail: String(error) };
    });
  }

  close(): Promise<void> {
    return this.outlet.close();
  }

  private async call(effect: OpenEffect): Promise<CallResult> {
    const { tool, ask } = this.asked(effect);
    const located = await this.locate(tool, ask);
    if (located.kind === 'settled') return { kind: 'done', reference: located.reference };
    if (located.kind !== 'absent' && located.kind !== 'found') return located;
    const id = located.kind === 'found' ? located.id : '';
    const answer = await this.send(tool.request(ask, id));
    const verdict = this.adapter.verdict?.(answer) ?? verdictOf(answer);
    if (verdict) return verdict;
    const refusal = tool.refusal?.(answer);
    if (refusal) return { kind: 'refused', ...refusal };
    const reference = tool.reference(answer, ask, id);
    if (reference !== undefined) return { kind: 'done', reference };
    return { kind: 'unknown', code: 'ANSWER_UNREADABLE', detail: `status ${answer.status} and no id of what was made` };
  }

  private look(effect: OpenEffect): Promise<ProbeResult> {
    const { tool, ask } = this.asked(effect);
    return tool.probe(ask, this.read);
  }

  private readonly read: Read = async (path, { orMissing = false } = {}) => {
    const answer = await this.send({ method: 'GET', path });
    if (orMissing && answer.status === 404) return answer;
    const verdict = this.adapter.verdict?.(answer) ?? verdictOf(answer);
    if (verdict) throw new NotRead(failureOf(verdict));
    return answer;
  };

  /** A look that failed did nothing, so the call may be tried again. */
  private async locate(tool: HttpTool<never, z.output<S>>, ask: never): Promise<Located | CallResult> {
    // A rehearsal shows the call itself, and looks at nothing.
    if (!tool.locate || this.around.dryRun) return tool.locate ? { kind: 'found', id: NOT_LOOKED_UP } : ABSENT;
    try {
      return await tool.locate(ask, this.read);
    } catch (error) {
      if (error instanceof Unsendable) throw error;
      if (!(error instanceof NotRead)) return { kind: 'not-acted', code: 'LOOK_FAILED', detail: String(error) };
      const { result } = error;
      if (result.kind === 'impossible') return { ...result, kind: 'refused' };
      const detail = 'detail' in result ? result.detail : result.kind;
      return { kind: 'not-acted', code: 'LOOK_FAILED', detail };
    }
  }

  private asked(effect: OpenEffect) {
    const tool = this.adapter.tools.find(({ command }) => command.type === effect.action);
    if (!tool) throw new Unsendable('NO_TOOL', `${this.adapter.provider} has no tool for ${effect.action}`);
    const { provider } = this.adapter;
    const { storyKey } = this.around;
    const marks = storyMetadata(effect, provider, storyKey);
    const marksFor = (signedFor: string) => storyMetadata(effect, provider, storyKey, signedFor);
    const ask = { effect, data: dataOf(tool.command, effect), settings: this.settings, marks, marksFor };
    return { tool, ask: ask as never };
  }

  private async send({ method, path, headers, body }: ToolRequest): Promise<Answer> {
    const json = body !== undefined && { 'content-type': 'application/json' };
    const response = await this.outlet.request({
      method,
      url: this.limits.url + path,
      headers: { ...this.headers, ...json, ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return answerOf(response);
  }
}
