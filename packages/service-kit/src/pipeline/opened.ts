import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { decryptPii, subjectsOf } from '@towpath/event-store/cipher';
import type { DomainEvent, LoadedGroup, StoredEvent } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';

/** Events by stream, personal data readable. */
export type OpenedStreams = ReadonlyMap<string, readonly DomainEvent[]>;

const NOTHING: OpenedStreams = new Map();

/** The streams that decisions of a group read with their personal data. One look-up of keys for all. */
export async function openStreams(
  streams: readonly string[],
  group: Pick<LoadedGroup, 'streams'>,
  vault: Pick<Vault, 'keysFor'>,
): Promise<OpenedStreams> {
  if (streams.length === 0) return NOTHING;
  const found = streams.map((stream) => [stream, (group.streams.get(stream) ?? []).filter(isReadable)] as const);
  const subjects = new Set(found.flatMap(([, events]) => events.flatMap(subjectsIn)));
  const keys = subjects.size === 0 ? new Map<string, Buffer | null>() : await vault.keysFor([...subjects]);
  const opened = (event: StoredEvent): DomainEvent => ({
    ...event,
    data: decryptPii(contractOf(event.type), event.data, keys),
  });
  return new Map(found.map(([stream, events]) => [stream, events.map(opened)]));
}

function isReadable(event: StoredEvent): boolean {
  return !event.archived && isContract(event.type);
}

function subjectsIn({ type, data }: StoredEvent): string[] {
  return subjectsOf(contractOf(type), data);
}
