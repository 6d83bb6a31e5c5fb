import { all } from './catalogue.js';
import { serviceOf, services, topicOfName, topicSettings } from './topics.js';

describe('topics', () => {
  it('are there for every contract', () => {
    const names = topicSettings().map(({ name }) => name);
    const missing = all().filter(({ topic }) => !topic.includes('{service}') && !names.includes(topic));
    expect(missing).toEqual([]);
  });

  it('hold the defaults where they say nothing else', () => {
    expect(topicOfName('payments.events')).toEqual({
      name: 'payments.events',
      partitions: 6,
      retentionMs: -1,
      cleanup: 'delete',
      maxMessageBytes: 262_144,
    });
  });

  it('turn days into milliseconds', () => {
    expect(topicOfName('webhooks.received')).toMatchObject({ retentionMs: 604_800_000, maxMessageBytes: 524_288 });
  });

  it('give dead letters to each service with an event store and to no other', () => {
    const dead = topicSettings()
      .map(({ name }) => name)
      .filter((name) => name.endsWith('.dead-letters'));
    const stores = services().filter(({ store }) => store);
    expect(dead).toEqual(stores.map(({ name }) => `${name}.dead-letters`));
  });

  it('are only read by services when they exist', () => {
    for (const { consumes } of services()) for (const topic of consumes) expect(topicOfName(topic).name).toBe(topic);
  });

  it('and services that nobody declared are refused with the fix', () => {
    expect(() => topicOfName('x.events')).toThrow(/TOPIC_UNKNOWN.*topics\.yaml/);
    expect(() => serviceOf('x')).toThrow(/SERVICE_UNKNOWN.*services\.yaml/);
  });
});
