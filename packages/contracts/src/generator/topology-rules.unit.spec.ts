import { servicesYaml, sourcesOf, topicsYaml } from './fixture.js';
import { generate } from './generate.js';

describe('the build', () => {
  it.each([
    ['no YAML', 'topics: [', 'it is not YAML'],
    ['no topics', 'defaults: {}', 'it has no section "topics"'],
    ['no default for partitions', topicsYaml.replace('partitions: 6, ', ''), 'defaults has no partitions'],
    [
      'an unknown setting',
      topicsYaml.replace('shop.events: {}', 'shop.events: { replicas: 3 }'),
      'topic shop.events: unknown setting "replicas"',
    ],
    ['no partitions', topicsYaml.replace('partitions: 3', 'partitions: 0'), 'topic shop.commands: partitions is 0'],
    ['retention that is no time', topicsYaml.replace('7d', '1w'), 'topic shop.commands: retention is "1w"'],
    ['a clean-up Kafka lacks', topicsYaml.replace('cleanup: delete', 'cleanup: none'), 'defaults: cleanup is "none"'],
    ['a size that is no number', topicsYaml.replace('262144', '1MB'), 'defaults: maxMessageBytes is "1MB"'],
    [
      'a name Kafka refuses',
      topicsYaml.replace('shop.events', 'shop/events'),
      'topic "shop/events" is no name Kafka takes',
    ],
    ['no settings', topicsYaml.replace('shop.events: {}', 'shop.events:'), 'topic shop.events has no settings'],
  ])('refuses topics.yaml with %s', (_what, topics, problem) => {
    expect(generate(sourcesOf({}, { topics })).problems).toContainEqual({
      file: 'topics.yaml',
      problem: expect.stringContaining(problem),
      fix: expect.stringMatching(/\w/),
    });
  });

  it.each([
    ['no YAML', '{', 'it is not YAML'],
    ['no services', 'topics: {}', 'it has no section "services"'],
    [
      'a topic that is none',
      servicesYaml.replace('[shop.commands]', '[shop.comands]'),
      'shop consumes "shop.comands", which is no topic',
    ],
    [
      'dead letters of a service without a store',
      servicesYaml.replace('[]', '[bank.dead-letters]'),
      'bank consumes "bank.dead-letters"',
    ],
    ['a name Postgres would quote', servicesYaml.replace('bank:', 'Bank-2:'), 'service "Bank-2" is no name'],
    ['no word on its store', servicesYaml.replace('store: false, ', ''), 'service bank is'],
    [
      'a reaction of a service without a store',
      servicesYaml.replace('store: false, consumes: []', 'store: false, consumes: [], reactions: { greet: [] }'),
      'service bank has reactions',
    ],
    [
      'a reaction that reads what is no topic',
      servicesYaml.replace('[shop.commands]', '[shop.commands], reactions: { greet: [shop.evnts] }'),
      'shop consumes "shop.evnts", which is no topic',
    ],
    ['an unknown attribute', servicesYaml.replace('store: false,', 'store: false, team: x,'), 'service bank is'],
  ])('refuses services.yaml with %s', (_what, services, problem) => {
    expect(generate(sourcesOf({}, { services })).problems).toContainEqual({
      file: 'services.yaml',
      problem: expect.stringContaining(problem),
      fix: expect.stringMatching(/\w/),
    });
  });
});
