import { seeded, shuffled } from '../faults/seeded.mjs';
import { isReal } from './real/stories.mjs';

/**
 * The cases for the real stack: as many of each definition and fault as there are, in turn, until there are enough; which of
 * them, and in which order, the seed says.
 */
export function drawn(cases, { seed, real }) {
  const random = seeded(seed);
  const possible = cases.filter(isReal);
  const groups = [...Map.groupBy(possible, ({ definition, fault }) => `${definition}/${fault}`).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => shuffled(own, random));
  const chosen = [];
  while (chosen.length < real && groups.some((own) => own.length > 0)) {
    for (const own of groups) if (own.length > 0 && chosen.length < real) chosen.push(own.pop());
  }
  return chosen;
}
