import type { EventStore, NewEvent, StoredEvent } from '@towpath/event-store/types';
import { pastStore } from './past-store.js';

const ended = { stream: 'agent-run-1', type: 'agents.v1.RunDecided' } as StoredEvent;
const step = { stream: 'agent-run-1', type: 'agents.v1.RunStepFinished' } as StoredEvent;
const store = {
  schema: 's',
  readStreams: () => Promise.resolve(new Map([['agent-run-1', [step, ended]]])),
  append: () => Promise.reject(new Error('wrote')),
  commitGroup: () => Promise.reject(new Error('wrote')),
} as unknown as EventStore;

describe('a store as a replay sees it', () => {
  it('keeps what is appended to itself', async () => {
    const past = pastStore(store);
    const event = { id: '1', stream: 'agent-run-1', type: ended.type } as NewEvent;
    await past.append([event]);
    expect(past.taken()).toEqual([event]);
    expect(past.taken()).toEqual([]);
  });

  it('refuses every other write', () => {
    const past = pastStore(store);
    expect(() => past.commitGroup({ consumer: 's' })).toThrow('REPLAY_READS_ONLY');
    expect(() => past.claimTimers({ types: [], limit: 1, leaseMs: 1 })).toThrow('REPLAY_READS_ONLY');
  });

  it('shows runs with their steps and without their end, so that they come to it again', async () => {
    expect((await pastStore(store).readStreams(['agent-run-1'])).get('agent-run-1')).toEqual([step]);
  });

  it('shows everybody who reads what it is told to show, but the runs of agents as they were', async () => {
    const past = pastStore(store);
    const row = { name: 'accounts', key: 'cus_1', version: 1, state: {} };
    past.show({ eventsOf: () => [], rows: (refs) => (refs.length > 0 ? [row] : []) });
    const query = { consumer: 's', ids: [], streams: ['agent-run-1', 'ticket-1'], rows: [row] };
    const { streams, rows } = await past.loadGroup(query);
    expect([...streams]).toEqual([
      ['agent-run-1', [step]],
      ['ticket-1', []],
    ]);
    expect([...rows.values()]).toEqual([row]);
  });
});
