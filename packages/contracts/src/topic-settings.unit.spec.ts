import { servicesIn } from './topic-settings.js';

describe('the consumer groups of a service', () => {
  it('are its own and one for each reaction, which also reads what people ask about its dead letters', () => {
    const reactions = { greet: ['a.events'], count: ['a.events', 'platform.commands'] };
    const [service] = servicesIn({ services: { shop: { store: true, consumes: ['b.events'], reactions } } });
    expect(service!.consumers).toEqual([
      { name: 'shop', topics: ['b.events'] },
      { name: 'shop.greet', reaction: 'greet', topics: ['a.events', 'platform.commands'] },
      { name: 'shop.count', reaction: 'count', topics: ['a.events', 'platform.commands'] },
    ]);
    expect(service!.consumes).toEqual(['b.events', 'a.events', 'platform.commands']);
  });
});
