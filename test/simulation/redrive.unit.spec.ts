import fc from 'fast-check';
import { RedriveModel, type RedriveStep } from './redrive.model.js';
import { simulate } from './simulate.js';

const letter = fc.nat({ max: 3 });
const service = fc.nat({ max: 1 });

const steps: fc.Arbitrary<RedriveStep> = fc.oneof(
  fc.record({ kind: fc.constant('fail' as const), letter }),
  fc.record({
    kind: fc.constant('ask' as const),
    verb: fc.constantFrom('redrive', 'discard' as const),
    letter,
    service,
  }),
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('deliver' as const),
      to: service,
      which: fc.nat({ max: 20 }),
      killed: fc.boolean(),
    }),
  },
);

describe('dead letters that several people redrive and discard at once', () => {
  it('end once each, by their owner, whatever is repeated, reordered or killed', () => {
    simulate('redrive', steps, 40, (schedule) => {
      const model = new RedriveModel();
      for (const step of schedule) model.step(step);
      model.expectEnds();
    });
  }, 120_000);
});
