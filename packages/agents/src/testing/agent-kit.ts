import { randomUUID } from 'node:crypto';
import { VersionConflict } from '@towpath/event-store/errors';
import type { NewEvent, StoredEvent } from '@towpath/event-store/types';
import type { Agent } from '../agent.js';
import { ModelUnavailable } from '../agent-errors.js';
import type { InstructionsOf } from '../instructions-from.js';
import type { JournalStore } from '../journal/journal-store.js';
import type { ModelAsk, ModelGateway } from '../model-gateway.js';
import type { Outcome } from '../outcome.js';
import type { Cause, RunRequest } from '../run-request.js';
import { Runner } from '../runner.js';
import type { AnyTool } from '../tool.js';
import type { ToolGate } from '../tool-gate.js';

/** A store in memory with the one rule that journals rest on: an append expects the version it knows. */
export class MemoryJournal implements JournalStore {
  readonly streams = new Map<string, StoredEvent[]>();
  /** called before each append; throws to refuse it */
  beforeAppend: (events: readonly NewEvent[]) => void = () => undefined;

  append(events: readonly NewEvent[]) {
    return Promise.resolve().then(() => {
      this.beforeAppend(events);
      const { stream, expectedVersion } = events[0]!;
      const stored = this.streams.get(stream) ?? [];
      if (expectedVersion != null && expectedVersion !== stored.length) {
        throw new VersionConflict(stream, expectedVersion, stored.length);
      }
      const added = events.map((event, index): StoredEvent => {
        const version = stored.length + index + 1;
        return { ...event, position: String(version), version, kind: 'internal', hash: Buffer.alloc(32) };
      });
      this.streams.set(stream, [...stored, ...added]);
      return added.map(({ version, hash }) => ({ stream, version, hash }));
    });
  }

  readStreams(streams: readonly string[]) {
    return Promise.resolve(new Map(streams.map((stream) => [stream, [...(this.streams.get(stream) ?? [])]])));
  }

  /** The names of the steps that were finished, oldest first. */
  get steps(): string[] {
    const events = [...this.streams.values()].flat();
    return events.flatMap(({ data }) => (data as { step?: string }).step ?? []);
  }
}

/** What a model is to answer, by the name of the prompt: one after the other, or made from what was asked. */
export type Script = Readonly<Record<string, readonly unknown[] | ((ask: ModelAsk<unknown>) => unknown)>>;

/** A model that answers by a script and fails with `SCRIPT_OVER` where it has nothing to say. Answers must fit their schema. */
export function scriptedModel(script: Script): ModelGateway {
  const asked = new Map<string, number>();
  return {
    async ask(ask) {
      const count = asked.get(ask.name) ?? 0;
      asked.set(ask.name, count + 1);
      const lines = script[ask.name];
      const said = typeof lines === 'function' ? await lines(ask) : lines?.[count];
      if (said === undefined)
        throw new ModelUnavailable('SCRIPT_OVER', `the script has no answer ${count + 1} to ${ask.name}`);
      if (said instanceof Error) throw said;
      const raw = JSON.stringify(said);
      const use = { inputTokens: 100, outputTokens: 20, costMicros: 50, latencyMs: 1 };
      const exchange = { requestHash: '', request: JSON.stringify(ask.input), raw, model: 'scripted', ...use };
      return { value: ask.schema.parse(said), exchange };
    },
  };
}

/** How a spec runs an agent. */
export interface KitOptions {
  readonly model?: ModelGateway;
  /** what tools give, by name */
  readonly tools?: Readonly<Record<string, AnyTool['run']>>;
  readonly gate?: ToolGate;
  readonly journal?: MemoryJournal;
  readonly cause?: Cause;
  readonly request?: Partial<RunRequest<unknown>>;
  /** default: those that the agent declares */
  readonly instructions?: InstructionsOf;
}

/** Runs an agent without a database: the policy, the limits, the gate and the journal are the real ones. */
export async function runAgent<In, Out>(agent: Agent<In, Out>, input: In, options: KitOptions = {}) {
  const { journal = new MemoryJournal(), cause = causeOf(), model, gate, tools = {}, instructions } = options;
  const standIns = new Map(Object.entries(tools));
  const runner = new Runner({
    ...{ store: journal, standIns },
    ...{ ...(model && { model }), ...(gate && { gate }), ...(instructions && { instructions }) },
  });
  const request = { input, cause, signal: new AbortController().signal, ...options.request } as RunRequest<In>;
  const outcome: Outcome<Out> = await runner.run(agent, request);
  return { outcome, journal, cause };
}

/** A message that causes a run. */
export function causeOf(id: string = randomUUID()): Cause {
  return { id, subject: 'spec', correlationId: id, hops: 0, path: [], traceparent: null };
}
