import { services } from '@towpath/contracts/topics';
import type { Inspector } from '@towpath/event-store/inspect';
import type { EventsAsked } from '@towpath/event-store/inspect-events';
import { schemaOf } from '@towpath/event-store/names';
import type { StoredEvent } from '@towpath/event-store/types';
import { CliError, UsageError } from '../cli-error.js';
import { callProgram } from './service-program.js';
import { stateChanges, type StateChange } from './state-changes.js';

/** One event of a stream with what it did to the state. */
export interface StreamStep {
  readonly event: StoredEvent;
  /** undefined when nobody folds the stream */
  readonly state?: unknown;
  readonly changes: readonly StateChange[];
  /** the newer version that its service read the event as */
  readonly readAs?: string;
}

/** The service whose store holds the stream. Throws STREAM_NOT_FOUND, USAGE when several do. */
export async function serviceOfStream(inspector: Inspector, stream: string, wanted?: string): Promise<string> {
  const stores = services().filter(({ store, name }) => store && (wanted === undefined || name === wanted));
  if (stores.length === 0) throw new UsageError(`there is no service ${wanted} with a store; see services.yaml.`);
  const holding: string[] = [];
  for (const { name } of stores) {
    for await (const _first of inspector.events({ schema: schemaOf(name), stream, toVersion: 1 })) holding.push(name);
  }
  if (holding.length > 1)
    throw new UsageError(`${holding.join(' and ')} each have a stream ${stream}; say --service NAME.`);
  if (holding[0] !== undefined) return holding[0];
  throw new CliError(
    'STREAM_NOT_FOUND',
    `no store${wanted === undefined ? '' : ` of ${wanted}`} has the stream ${stream}. A stream is <name>-<key>, such as payment-pi_123; ` +
      '`towpath trace ID` shows the streams of a story, `towpath contracts list` their names.',
  );
}

/** The events that are asked for, each with the state after it, as the service itself folds them. */
export async function* streamSteps(
  inspector: Inspector,
  service: string,
  asked: EventsAsked & { readonly stream: string },
): AsyncGenerator<StreamStep> {
  const sent: StoredEvent[] = [];
  const lines = async function* (): AsyncGenerator<string> {
    yield line({ stream: asked.stream });
    for await (const event of inspector.events(asked)) {
      sent.push(event);
      yield line(event);
    }
  };
  let isFolded: boolean | undefined;
  let before: unknown;
  for await (const answer of callProgram(service, ['fold'], { input: lines() })) {
    const { aggregate, state, readAs } = answer as { aggregate?: string | null; state?: unknown; readAs?: string };
    if (isFolded === undefined) isFolded = aggregate != null;
    else {
      const changes = stateChanges(before, state);
      yield { event: sent.shift()!, changes, ...(isFolded && { state }), ...(readAs && { readAs }) };
    }
    before = state;
  }
}

function line(object: object): string {
  return `${JSON.stringify(object)}\n`;
}
