import { relationsTo, treeLines, treeOf, type StoryEvent } from './story-tree.js';

const event = (id: string, causationId: string, at: number): StoryEvent => ({
  id,
  causationId,
  at,
  service: 's',
  type: `t.v1.${id}`,
  subject: '',
  facts: [],
});

describe('story tree', () => {
  const events = [
    event('approved', 'charge', 30),
    event('charge', 'root', 10),
    event('confirmed', 'capture', 50),
    event('capture', 'charge', 31),
  ];

  it('puts every step below its cause, in order of time, with latencies', () => {
    const [charge, ...others] = treeOf(events, 'root', 5);
    expect(others).toEqual([]);
    expect(charge).toMatchObject({ id: 'charge', ms: 5, stepMs: 5 });
    expect(charge?.children.map(({ id, ms, stepMs }) => [id, ms, stepMs])).toEqual([
      ['approved', 25, 20],
      ['capture', 26, 21],
    ]);
    expect(charge?.children[1]?.children[0]).toMatchObject({ id: 'confirmed', ms: 45, stepMs: 19 });
  });

  it('draws it', () => {
    expect(treeLines(treeOf(events, 'root', 5), ({ id }) => id)).toEqual([
      '`- charge',
      '   |- approved',
      '   `- capture',
      '      `- confirmed',
    ]);
  });

  it('marks of a step what led to it and what came of it, and nothing of other branches', () => {
    const tree = treeOf(events, 'root', 5);
    expect(Object.fromEntries(relationsTo(tree, 'capture'))).toEqual({
      charge: 'cause',
      capture: 'asked',
      confirmed: 'consequence',
    });
    expect(relationsTo(tree, 'root').size).toBe(0);
  });

  it('puts a step whose cause no store holds below the delivery', () => {
    expect(treeOf([event('late', 'elsewhere', 9)], 'root', 5).map(({ id }) => id)).toEqual(['late']);
  });

  it('puts what the provider reported of an effect below the command that asked for it', () => {
    const routed = {
      ...event('routed', 'delivery-2', 60),
      returned: { deliveryId: 'delivery-2', causedBy: 'capture' },
    };
    const [charge] = treeOf([...events, event('captured', 'delivery-2', 61), routed], 'root', 5);
    expect(charge?.children[1]?.children.map(({ id }) => id)).toEqual(['confirmed', 'routed', 'captured']);
  });

  it('ends also when a step names itself as its cause', () => {
    expect(treeOf([event('self', 'self', 9)], 'root', 5)).toHaveLength(1);
  });
});
