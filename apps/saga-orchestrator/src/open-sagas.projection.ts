import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { EventStore } from '@towpath/event-store/types';

/** An instance that did not end, or that needs a person. */
export interface OpenSaga {
  readonly definition: string;
  readonly version: number;
  readonly key: string;
  readonly startedAt: number;
  readonly needsHuman: boolean;
}

/** Instances that run or need a person; the rows of the others go, so that it stays as small as what is under way. */
export const openSagas = projection<OpenSaga>({
  name: 'open-sagas',
  keysOf: (event) => (isOf(SagaStarted, event) || isOf(SagaEnded, event) ? [event.data.sagaId] : []),
  evolve(row, event) {
    if (isOf(SagaStarted, event)) {
      const { definition, version, key, startedAt } = event.data;
      return { definition, version, key, startedAt, needsHuman: false };
    }
    if (!isOf(SagaEnded, event)) return row;
    return event.data.outcome === 'needs_human' ? row && { ...row, needsHuman: true } : undefined;
  },
});

/** The versions that instances which did not end began with. */
export async function openVersions(store: Pick<EventStore, 'query'>): Promise<{ name: string; version: number }[]> {
  return store.query(
    'open_saga_versions',
    `select distinct state->>'definition' as name, (state->>'version')::int as version
       from projections where name = 'open-sagas'`,
    [],
  );
}
