import { QUEUE_OUT_OF_SCOPE, QUEUES, isQueue } from '../queues.js';
import { heldOut, intentsOf } from './data-parts.js';
import { ClassifierError, OUT_OF_SCOPE, type Example } from './example.js';
import { IntentModel, type Calibration, type ModelData } from './intent-model.js';
import { separate, squaresOf, SVM_DEFAULTS, type SparseRows } from './linear-svm.js';
import { fitLogistic, probabilityOf, type LogisticWeights } from './logistic.js';
import { seededRandom, shuffle } from './seeded-random.js';
import { learnVocabulary, Vectorizer, type VocabularyData } from './vocabulary.js';

export interface TrainingOptions {
  /** stands in the version that each decision records */
  readonly name: string;
  /** default 1; the same examples and seed give the same model */
  readonly seed?: number;
  onProgress?(line: string): void;
}

/** A model without what its margins mean. */
type Weights = Omit<ModelData, 'calibration'>;

/** Margins mean little until the model has answered messages that it had not seen. */
const CALIBRATION_SHARE = 0.2;
/** Of so many intents one is kept from the model that is calibrated, when no example says what is out of scope. */
const INTENTS_TO_ONE_ABSENT = 5;
/** Messages in scope that may be taken for out of scope, when no example says what is. */
const IN_SCOPE_LOST = 0.03;

const UNCALIBRATED: Calibration = { right: [0, 1, 0, 0], inScope: [0, 1, 0, 0], inScopeMin: 0 };

/**
 * Learns a model: one separating plane for each intent, then what its margins mean. Examples of the intent `oos` belong to no
 * intent and teach where the scope ends. Bounded in memory by the number of examples, and in time by the epochs of each plane.
 * Throws DATA_INVALID.
 */
export function trainModel(examples: readonly Example[], options: TrainingOptions): IntentModel {
  const { seed = 1, onProgress = () => undefined } = options;
  const intents = intentsOf(examples);
  const absent = absentIntents(examples, intents, seed);
  const present = intents.filter((intent) => !absent.has(intent));
  const parts = heldOut(examples, CALIBRATION_SHARE, seed);
  const steps = present.length + intents.length;
  const told = (done: number) => onProgress(`learned ${done} of ${steps} planes`);
  const taught = parts.train.filter(({ intent }) => !absent.has(intent));
  const part = learnWeights(taught, {
    ...options,
    seed,
    intents: present,
    queues: queuesOf(examples, present),
    onPlane: told,
  });
  const calibration = calibrated(new IntentModel({ ...part, calibration: UNCALIBRATED }), parts.test);
  const whole = learnWeights(examples, {
    ...{ ...options, seed, intents, queues: queuesOf(examples, intents) },
    onPlane: (done) => told(present.length + done),
  });
  return new IntentModel({ ...whole, calibration });
}

interface Learning {
  readonly name: string;
  readonly seed: number;
  readonly intents: readonly string[];
  readonly queues: readonly string[];
  onPlane(done: number): void;
}

function learnWeights(examples: readonly Example[], { name, seed, intents, queues, onPlane }: Learning): Weights {
  const vocabulary = learnVocabulary(examples.map(({ text }) => text));
  const rows = rowsOf(examples, vocabulary);
  const squares = squaresOf(rows);
  const places = new Map(intents.map((intent, index) => [intent, index]));
  const labels = Int32Array.from(examples, ({ intent }) => places.get(intent) ?? -1);
  const features = vocabulary.slots.length;
  const weights = new Int16Array(features * intents.length);
  const scales = new Float32Array(intents.length);
  const biases = new Float32Array(intents.length);
  const plane = new Float64Array(features);
  intents.forEach((_, intent) => {
    plane.fill(0);
    const random = seededRandom(seed * 1_000_003 + intent);
    biases[intent] = separate(rows, (row) => labels[row] === intent, plane, { ...SVM_DEFAULTS, random, squares });
    scales[intent] = quantise(plane, weights, intent, intents.length);
    onPlane(intent + 1);
  });
  return { name, intents, queues, vocabulary, weights, scales, biases };
}

/** Writes a plane into its column in steps of 16 bits; the size of a step. */
function quantise(plane: Float64Array, weights: Int16Array, column: number, columns: number): number {
  let largest = 0;
  for (const weight of plane) largest = Math.max(largest, Math.abs(weight));
  const step = largest === 0 ? 1 : Math.fround(largest / 32_767);
  for (let feature = 0; feature < plane.length; feature += 1) {
    weights[feature * columns + column] = Math.round(plane[feature]! / step);
  }
  return step;
}

function rowsOf(examples: readonly Example[], vocabulary: VocabularyData): SparseRows {
  const vectorizer = new Vectorizer(vocabulary);
  const starts = new Int32Array(examples.length + 1);
  let indices = new Int32Array(1 << 16);
  let values = new Float32Array(1 << 16);
  examples.forEach(({ text }, row) => {
    const vector = vectorizer.read(text);
    const start = starts[row]!;
    const end = start + vector.length;
    if (end > indices.length) {
      const larger = Math.max(end, 2 * indices.length);
      const moved = { indices: new Int32Array(larger), values: new Float32Array(larger) };
      moved.indices.set(indices);
      moved.values.set(values);
      ({ indices, values } = moved);
    }
    indices.set(vector.indices.subarray(0, vector.length), start);
    values.set(vector.values.subarray(0, vector.length), start);
    starts[row + 1] = end;
  });
  return { starts, indices, values };
}

/**
 * Where no example says what is out of scope, some intents play the part: a model that never heard of them is asked about their
 * messages. None when examples say it themselves, or when there are too few intents to spare one.
 */
function absentIntents(examples: readonly Example[], intents: readonly string[], seed: number): ReadonlySet<string> {
  if (examples.some(({ intent }) => intent === OUT_OF_SCOPE)) return new Set();
  const drawn = [...intents];
  shuffle(drawn, drawn.length, seededRandom(seed));
  return new Set(drawn.slice(0, Math.floor(intents.length / INTENTS_TO_ONE_ABSENT)));
}

function calibrated(model: IntentModel, asked: readonly Example[]): Calibration {
  const known = new Set(model.intents);
  const points = asked.map(({ text, intent }) => {
    const { first, features } = model.evidence(text);
    return { features, intent, inScope: known.has(intent), yes: model.intents[first] === intent };
  });
  const isSaid = points.some(({ intent }) => intent === OUT_OF_SCOPE);
  // Messages of intents that the whole model knows are right or wrong there, not here.
  const right = fitLogistic(points.filter(({ inScope, intent }) => inScope || intent === OUT_OF_SCOPE));
  if (points.every(({ inScope }) => inScope)) return { right, inScope: right, inScopeMin: lost(points, right) };
  const inScope = fitLogistic(
    points.map((point) => ({ features: point.features, yes: point.inScope })),
    'even',
  );
  return { right, inScope, inScopeMin: isSaid ? EVEN : lost(points, inScope) };
}

const EVEN = 0.5;

/** The probability below which `IN_SCOPE_LOST` of the messages in scope are. */
function lost(
  points: readonly { readonly features: readonly number[]; readonly inScope: boolean }[],
  weights: LogisticWeights,
): number {
  const sorted = points.flatMap(({ features, inScope }) => (inScope ? [probabilityOf(weights, features)] : []));
  sorted.sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length * IN_SCOPE_LOST)] ?? 0;
}

function queuesOf(examples: readonly Example[], intents: readonly string[]): string[] {
  const queues = new Map<string, string>();
  for (const { intent, queue } of examples) {
    if (queue === undefined) continue;
    if (!isQueue(queue)) {
      throw new ClassifierError('DATA_INVALID', `the queue ${queue} of ${intent} is none; use ${QUEUES.join(', ')}.`);
    }
    queues.set(intent, queue);
  }
  return intents.map((intent) => queues.get(intent) ?? QUEUE_OUT_OF_SCOPE);
}
