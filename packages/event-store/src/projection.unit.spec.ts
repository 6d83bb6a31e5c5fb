import { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';
import { project, projection } from './projection.js';
import type { DomainEvent } from './types.js';

const metadata = { correlationId: '', causationId: '', hops: 1, handler: '' };

function event(type: string, data: object): DomainEvent {
  return { id: '', stream: '', type, data, metadata, occurredAt: new Date(0) };
}

const bought = (who: string) => event('spec.v1.Bought', { who });
const forgotten = (subject: string) => event(SubjectForgotten.type, { subject });

const definition = {
  name: 'purchases',
  keysOf: ({ type, data }: DomainEvent) => (type === 'spec.v1.Bought' ? [(data as { who: string }).who] : []),
  evolve: (row: { count: number } | undefined) => ({ count: (row?.count ?? 0) + 1 }),
};

describe('personal rows of a projection', () => {
  const personal = projection({ ...definition, personal: { keysOf: (subject: string) => [subject] } });

  it('go when the service forgets the person, others stay', () => {
    const rows = project(personal, [bought('ann'), bought('bob'), forgotten('ann')]);
    expect([...rows]).toEqual([['bob', { count: 1 }]]);
  });

  it('begin anew with what comes later', () => {
    const rows = project(personal, [bought('ann'), bought('ann'), forgotten('ann'), bought('ann')]);
    expect([...rows]).toEqual([['ann', { count: 1 }]]);
  });

  it('keep what the projection must keep, and come from nowhere', () => {
    const bared = projection({
      ...definition,
      personal: {
        keysOf: (subject: string) => [subject],
        bared: ({ count }) => (count > 1 ? { count: 0 } : undefined),
      },
    });
    const rows = project(bared, [bought('ann'), bought('ann'), bought('bob'), ...['ann', 'bob', 'eve'].map(forgotten)]);
    expect([...rows]).toEqual([['ann', { count: 0 }]]);
  });

  it('are none unless the projection says so', () => {
    expect([...project(projection(definition), [bought('ann'), forgotten('ann')])]).toHaveLength(1);
  });
});
