import { all } from '@towpath/contracts/catalogue';
import { inspect, type InspectOptions } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { UsageError } from '../cli-error.js';
import { compileFilter } from '../filter/expression.js';
import { registryOf } from '../follow-topics.js';
import { quietLogger } from '../quiet-logger.js';
import { masked, type View } from '../reveal/mask.js';
import { typeMatches } from '../watch/filters.js';
import { openExport } from './export-file.js';
import { recordObject, recordText } from './record-view.js';
import { ScanCounter } from './scan-counter.js';
import { parseEndingPoint, parseStarts } from './starting-point.js';

export interface TailOptions {
  readonly from: readonly string[];
  readonly to?: string;
  readonly partition?: readonly number[];
  readonly type?: string;
  readonly key?: string;
  /** a CEL expression */
  readonly where?: string;
  readonly limit?: number;
  readonly follow?: boolean;
  /** writes JSON lines to this file instead of showing */
  readonly export?: string;
  /** adds key, value and headers byte for byte to JSON */
  readonly bytes?: boolean;
}

/** Shows a topic's records, decoded by the registry, until its end, the limit or an abort. */
export async function tail(
  context: Context,
  addresses: Addresses,
  topic: string,
  options: TailOptions,
  signal: AbortSignal,
  view: View = masked,
): Promise<void> {
  const asked = readingOf(topic, options);
  if (options.limit === 0) return;
  const file = options.export === undefined ? undefined : await openExport(options.export);
  const counter = new ScanCounter(context);
  const records = inspect({
    ...asked,
    brokers: addresses.brokers,
    clientId: 'towpath-cli',
    logger: quietLogger,
    registry: registryOf(addresses),
    scanned: counter.scanned,
    signal,
  });
  const bytes = options.bytes === true;
  try {
    for await (const record of records) {
      counter.match();
      const seen = await view(record.type, record.data);
      if (file) await file.write(recordObject(record, seen, { bytes }));
      else context.show(recordText(record, context, seen), recordObject(record, seen, { bytes }));
      if (counter.matches === options.limit) break;
    }
  } finally {
    await file?.close();
    counter.end(remarkOf(counter, options, signal));
  }
}

/** The read that the options ask for. Throws USAGE. */
function readingOf(topic: string, options: TailOptions): Omit<InspectOptions, 'brokers' | 'clientId' | 'logger'> {
  const { from, to, partition, type, key, where, follow = false } = options;
  if (follow && to !== undefined) throw new UsageError('--follow has no end; leave out --to.');
  const { rest, of } = parseStarts(from);
  return {
    topic,
    from: rest,
    fromPartition: of,
    follow: follow || from.includes('live'),
    ...(to !== undefined && { to: parseEndingPoint(to) }),
    ...(partition !== undefined && partition.length > 0 && { partitions: partition }),
    ...(type !== undefined && { types: typesNamed(type) }),
    ...(key !== undefined && { key }),
    ...(where !== undefined && { accepts: compileFilter(where) }),
  };
}

function remarkOf(counter: ScanCounter, options: TailOptions, signal: AbortSignal): string {
  if (signal.aborted) return '; interrupted: this is what was found so far';
  if (options.export !== undefined) return `; written to ${options.export}`;
  return counter.matches === 0 ? '; --from beginning reads all, --follow waits for new ones' : '';
}

/** The full names of the contracts that a name may mean; the name itself when there is none in this build. */
export function typesNamed(name: string): string[] {
  const found = all().filter(({ type }) => typeMatches(name, type));
  return found.length > 0 ? found.map(({ type }) => type) : [name];
}
