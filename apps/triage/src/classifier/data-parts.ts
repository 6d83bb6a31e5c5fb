import { ClassifierError, OUT_OF_SCOPE, type Example } from './example.js';
import { seededRandom, shuffle } from './seeded-random.js';

/** What is taught and what is asked. */
export interface Parts {
  readonly train: readonly Example[];
  readonly test: readonly Example[];
  /** how the two were told apart */
  readonly how: string;
}

const HELD_OUT = 0.2;

/**
 * The parts of two files, or of one when `test` is null or the same file. Where a file says its parts by `split`, training takes
 * what is named `train` and the test all else; without it one file is split at random, a fifth of each intent for the test.
 */
export function partsOf(train: readonly Example[], test: readonly Example[] | null, seed: number): Parts {
  if (test !== null) {
    return { train: taught(train), test: asked(test), how: 'two files' };
  }
  if (isMixed(train)) return { train: taught(train), test: asked(train), how: 'the splits of one file' };
  return { ...heldOut(train, HELD_OUT, seed), how: `a random fifth of each intent, seed ${seed}` };
}

/** A share of each intent's examples as the test, the rest for training; the same for the same seed. */
export function heldOut(
  examples: readonly Example[],
  share: number,
  seed: number,
): { readonly train: Example[]; readonly test: Example[] } {
  const random = seededRandom(seed);
  const train: Example[] = [];
  const test: Example[] = [];
  const groups = Map.groupBy(examples, ({ intent }) => intent);
  for (const intent of [...groups.keys()].sort()) {
    const group = [...groups.get(intent)!];
    shuffle(group, group.length, random);
    const held = group.length < 2 ? 0 : Math.max(1, Math.round(group.length * share));
    test.push(...group.slice(0, held));
    train.push(...group.slice(held));
  }
  return { train, test };
}

/** The part to teach: all of it, or what is named `train` when there are other splits, too. */
function taught(examples: readonly Example[]): readonly Example[] {
  return isMixed(examples) ? examples.filter(isTrain) : examples;
}

function asked(examples: readonly Example[]): readonly Example[] {
  return isMixed(examples) ? examples.filter((example) => !isTrain(example)) : examples;
}

function isMixed(examples: readonly Example[]): boolean {
  return examples.some(isTrain) && examples.some((example) => !isTrain(example));
}

function isTrain({ split }: Example): boolean {
  return split !== undefined && /(?:^|_)train$/.test(split);
}

/** The intents of examples in order; throws DATA_INVALID when there are fewer than two to tell apart. */
export function intentsOf(examples: readonly Example[]): string[] {
  const intents = [...new Set(examples.map(({ intent }) => intent))].filter((intent) => intent !== OUT_OF_SCOPE).sort();
  if (intents.length < 2) {
    throw new ClassifierError(
      'DATA_INVALID',
      `there is only ${intents.length} intent to learn; give examples of at least two.`,
    );
  }
  return intents;
}
