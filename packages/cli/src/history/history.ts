import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { fromJson } from '@towpath/contracts/codec';
import { openInspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { readable } from '../readable.js';
import { maskedData, type View } from '../reveal/mask.js';
import { causesOf } from './causes.js';
import { stateText, stepText, type ShownStep } from './step-text.js';
import { serviceOfStream, streamSteps, type StreamStep } from './stream-steps.js';

export interface HistoryOptions {
  /** the store to look in, when several have such a stream */
  readonly service?: string;
  readonly version?: number;
  readonly at?: Date;
  /** only so many of the newest of these events are shown; all are folded */
  readonly last?: number;
  /** also what each event says */
  readonly data?: boolean;
}

/**
 * Shows the events of a stream up to a version or an instant, what each changed and why it came, and the state after the last.
 * Throws STREAM_NOT_FOUND, NOT_YET when it had no event then, and USAGE.
 */
export async function showHistory(
  context: Context,
  addresses: Addresses,
  stream: string,
  options: HistoryOptions,
  view: View,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const service = await serviceOfStream(inspector, stream, options.service);
    const { version: toVersion, at } = options;
    const asked = {
      schema: schemaOf(service),
      stream,
      ...(toVersion !== undefined && { toVersion }),
      ...(at && { at }),
    };
    const steps: StreamStep[] = [];
    for await (const step of streamSteps(inspector, service, asked)) {
      steps.push(step);
      if (steps.length > (options.last ?? Infinity)) steps.shift();
    }
    const end = steps.at(-1);
    if (!end) throw new CliError('NOT_YET', `${stream} had no event at ${at?.toISOString()}; its first came later.`);
    const causes = await causesOf(
      inspector,
      steps.flatMap(({ event }) => (event.archived ? [] : event.metadata.causationId)),
    );
    for (const step of steps) {
      const shown: ShownStep = { ...step, service, cause: causes.get(step.event.metadata.causationId) };
      const data = await dataOf(step, view);
      context.show(stepText(shown, options.data ? data : undefined, context.colors), stepObject(shown, data));
    }
    const state = maskedData('', end.state);
    context.show(stateText(service, stream, end, state, context.colors), {
      ...{ service, stream, version: end.event.version, at: end.event.occurredAt, folded: 'state' in end, state },
    });
  } finally {
    await inspector.close();
  }
}

async function dataOf({ event: { type, data, archived } }: StreamStep, view: View): Promise<unknown> {
  if (archived) return null;
  const decoded = isContract(type) ? fromJson(contractOf(type), data) : data;
  return readable(await view(type, decoded), true);
}

function stepObject({ event, cause, changes, service, readAs }: ShownStep, data: unknown): object {
  const { version, id, type, kind, position, metadata, occurredAt } = event;
  const { correlationId, causationId, hops, handler, actor } = metadata;
  return {
    ...{ version, id, type, kind, position, service, occurredAt, handler, hops, correlationId },
    ...(actor !== undefined && { actor }),
    ...(readAs !== undefined && { readAs }),
    ...(event.archived ? { archived: true } : { cause: { id: causationId, ...cause } }),
    data,
    changes: changes.map((change) => maskedData('', change)),
  };
}
