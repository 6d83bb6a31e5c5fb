import fc from 'fast-check';
import { actions, LedgerModel, type Fate, type LedgerStep } from './ledger.model.js';
import { simulate } from './simulate.js';

const whats = Object.keys(actions) as (keyof typeof actions)[];
const fates: readonly Fate[] = ['done', 'refused', 'not-acted', 'lost', 'silent'];
const index = fc.nat({ max: 11 });

const steps: fc.Arbitrary<LedgerStep> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('command' as const),
      what: fc.constantFrom(...whats),
      payment: fc.nat({ max: 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), effect: index }) },
  {
    weight: 7,
    arbitrary: fc.record({ kind: fc.constant('go' as const), run: index, fate: fc.constantFrom(...fates) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), run: index, acts: fc.boolean() }) },
);

describe('effects whose processes are killed and overtaken at any moment', () => {
  it.each([true, false])(
    'are acted on once each, and every one ends; the provider keeps keys: %s',
    (keepsKeys) => {
      simulate('ledger', steps, 60, (schedule) => {
        const model = new LedgerModel(keepsKeys);
        for (const step of schedule) model.step(step);
        model.expectEnds();
      });
    },
    120_000,
  );
});
