import { readFileSync } from 'node:fs';
import { LEARNED, POINT_STEP, type LearnedScore, type Steps } from '../learned-score.js';

/** The weights of a JSON file that training wrote. Throws WEIGHTS_INVALID, with what is wrong. */
export function weightsIn(file: string): LearnedScore {
  const score = JSON.parse(readFileSync(file, 'utf8')) as LearnedScore;
  for (const name of LEARNED) {
    const table: unknown = score.steps[name];
    if (!Array.isArray(table)) throw new Error(`WEIGHTS_INVALID: ${file} has no table ${name}; train anew`);
    const odd = (table as Steps).find(([, points]) => !Number.isInteger(points / POINT_STEP));
    if (odd) throw new Error(`WEIGHTS_INVALID: ${file}, ${name} from ${odd[0]}: ${odd[1]} is no multiple of 1/32`);
  }
  return score;
}
