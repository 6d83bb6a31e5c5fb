import pg from 'pg';
import { eventColumns, storedEventOf } from './rows.js';
import type { StoredEvent } from './types.js';

/** Which events of one store are read. */
export interface EventsAsked {
  readonly schema: string;
  /** one stream, in order of version; all events in order of position when absent */
  readonly stream?: string;
  /** of a stream: none after this version */
  readonly toVersion?: number;
  /** none that happened later by the clock of the service that decided it; of a stream the first such ends it */
  readonly at?: Date;
}

type Run = (text: string, values: readonly unknown[]) => Promise<readonly (readonly (string | null)[])[]>;

const eventsPerRead = 2_000;

/** Yields them a page at a time: any number of events takes the memory of one page. */
export async function* storedEvents(run: Run, asked: EventsAsked): AsyncGenerator<StoredEvent> {
  const { schema, stream, at, toVersion = Infinity } = asked;
  for await (const event of pagesOf(run, schema, stream ?? null)) {
    const isLater = at !== undefined && event.occurredAt > at;
    if (stream === undefined) {
      if (!isLater) yield event;
      continue;
    }
    // Clocks of replicas differ by milliseconds: a stream without its middle is no state it ever had.
    if (isLater || event.version > toVersion) return;
    yield event;
  }
}

async function* pagesOf(run: Run, schema: string, stream: string | null): AsyncGenerator<StoredEvent> {
  const place = stream === null ? 'position' : 'version';
  const text = `select ${eventColumns('e')} from ${pg.escapeIdentifier(schema)}.events e
    where e.${place} > $1 and ${stream === null ? '$2::text is null' : 'e.stream = $2'} order by e.${place} limit ${eventsPerRead}`;
  let after = '0';
  for (;;) {
    const events = (await run(text, [after, stream])).map((row) => storedEventOf(row));
    yield* events;
    const last = events.at(-1);
    if (!last || events.length < eventsPerRead) return;
    after = stream === null ? last.position : String(last.version);
  }
}
