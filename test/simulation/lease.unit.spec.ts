import fc from 'fast-check';
import { LeaseModel, type LeaseStep } from './lease.model.js';
import { simulate } from './simulate.js';

const relays = 2;
const takeoverMsMax = 5_000;
const who = fc.nat({ max: relays - 1 });

const steps: fc.Arbitrary<LeaseStep> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(1, 400, 900, 1_100, 2_100, 3_100) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('take', 'take', 'renew', 'connect', 'ask', 'send', 'publish', 'publish' as const),
      who,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('stop', 'continue', 'kill' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('land' as const), who, which: fc.nat({ max: 3 }) }) },
);

describe('relays that are killed, stopped and cut off at any moment', () => {
  it('never two of them send, and within 5 s one does', () => {
    simulate('lease', steps, 60, (schedule) => {
      const model = new LeaseModel(relays);
      for (const step of schedule) model.step(step);
      model.expectTakeover(takeoverMsMax);
    });
  }, 120_000);
});
