import type { EventStore, StoredEvent } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';

/** What a journal needs of the service's event store. */
export type JournalStore = Pick<EventStore, 'append' | 'readStreams'>;

/** What it needs of the vault: keys for what is personal. */
export type JournalKeys = Pick<Vault, 'keysFor'>;

/**
 * Reads streams for many runs in one statement: who comes while a read is under way goes into the next one together. Under load
 * a run's look at its own past costs a share of a round trip.
 */
export function sharedReads(store: Pick<EventStore, 'readStreams'>): (stream: string) => Promise<StoredEvent[]> {
  const waiting: { stream: string; done: PromiseWithResolvers<StoredEvent[]> }[] = [];
  let reading = false;

  const next = async (): Promise<void> => {
    reading = true;
    while (waiting.length > 0) {
      const together = waiting.splice(0, READ_TOGETHER_MAX);
      try {
        const streams = await store.readStreams([...new Set(together.map(({ stream }) => stream))]);
        for (const { stream, done } of together) done.resolve(streams.get(stream) ?? []);
      } catch (error) {
        for (const { done } of together) done.reject(error);
      }
    }
    reading = false;
  };
  return (stream) => {
    const done = Promise.withResolvers<StoredEvent[]>();
    waiting.push({ stream, done });
    if (!reading) void next();
    return done.promise;
  };
}

const READ_TOGETHER_MAX = 64;
