import fc from 'fast-check';
import { RetryModel, type RetryStep } from './retry.model.js';
import { simulate } from './simulate.js';

const replicas = 2;
const who = fc.nat({ max: replicas - 1 });
const chance = fc.constantFrom(0, 0.4, 0.999);

const steps: fc.Arbitrary<RetryStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      key: fc.constantFrom('a', 'b'),
      lane: fc.constantFrom('inline', 'inline', 'queued' as const),
      strict: fc.boolean(),
      failures: fc.constantFrom(0, 0, 1, 2, 9, Infinity),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('read' as const), who, count: fc.integer({ min: 1, max: 4 }), chance }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('retry' as const), who, chance }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('commit' as const), who }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 500, 1_500, 3_100, 4_100) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('kill', 'stop' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('rewind' as const), by: fc.integer({ min: 1, max: 5 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('settle' as const),
      which: fc.nat({ max: 3 }),
      verb: fc.constantFrom('redrive', 'discard' as const),
    }),
  },
);

describe('messages that fail, wait and are tried again by replicas that are killed and overtaken at any moment', () => {
  it('end once each, in the order of their key, after no more tries and no longer pauses than allowed', () => {
    simulate('retry', steps, 60, (schedule) => {
      const model = new RetryModel(replicas);
      for (const step of schedule) model.step(step);
      model.expectEnds();
    });
  }, 120_000);
});
