import { createHash } from 'node:crypto';
import type { Classified, Classifier } from '../triage-message.decider.js';
import { QUEUE_OUT_OF_SCOPE } from '../queues.js';
import { probabilityOf, type LogisticWeights } from './logistic.js';
import { Vectorizer, type VocabularyData } from './vocabulary.js';

/** Everything that a model is. */
export interface ModelData {
  readonly name: string;
  readonly intents: readonly string[];
  /** the queue of each intent */
  readonly queues: readonly string[];
  readonly vocabulary: VocabularyData;
  /** features × intents, in steps of the intent's scale */
  readonly weights: Int16Array;
  readonly scales: Float32Array;
  readonly biases: Float32Array;
  readonly calibration: Calibration;
}

/** What margins mean, learned on messages that the weights had not seen. */
export interface Calibration {
  /** the probability that the first intent is right */
  readonly right: LogisticWeights;
  /** the probability that a message is in scope at all */
  readonly inScope: LogisticWeights;
  /** below it a message is out of scope */
  readonly inScopeMin: number;
}

/** What a model says of a message besides the decision. */
export interface Scored extends Classified {
  /** probability that it is in scope; ranks messages for the test */
  readonly inScope: number;
}

/** A linear model over words and letters. Pure: the same version gives the same answer. */
export class IntentModel implements Classifier {
  readonly version: string;
  private readonly vectorizer: Vectorizer;
  private readonly margins: Float32Array;

  constructor(readonly data: ModelData) {
    this.vectorizer = new Vectorizer(data.vocabulary);
    this.margins = new Float32Array(data.intents.length);
    this.version = `${data.name}@${fingerprintOf(data)}`;
  }

  get intents(): readonly string[] {
    return this.data.intents;
  }

  classify(text: string): Classified {
    const { inScope: _, ...classified } = this.score(text);
    return classified;
  }

  score(text: string): Scored {
    const { intents, queues, calibration } = this.data;
    const { first, features } = this.evidence(text);
    const inScope = probabilityOf(calibration.inScope, features);
    const outOfScope = inScope < calibration.inScopeMin;
    const queue = outOfScope ? QUEUE_OUT_OF_SCOPE : queues[first]!;
    return {
      intent: intents[first]!,
      confidence: probabilityOf(calibration.right, features),
      queue,
      outOfScope,
      inScope,
    };
  }

  /**
   * The likeliest intent, and what its calibration looks at: its margin, how far it is ahead of the second, and how much of the
   * message the vocabulary knows, since a margin of few known letters says little.
   */
  evidence(text: string): { readonly first: number; readonly features: readonly number[] } {
    const { weights, scales, biases } = this.data;
    const { margins } = this;
    const count = margins.length;
    const { length, indices, values, known } = this.vectorizer.read(text);
    margins.fill(0);
    for (let at = 0; at < length; at += 1) {
      const row = indices[at]! * count;
      const value = values[at]!;
      for (let intent = 0; intent < count; intent += 1) margins[intent]! += value * weights[row + intent]!;
    }
    let first = 0;
    let best = Number.NEGATIVE_INFINITY;
    let second = Number.NEGATIVE_INFINITY;
    for (let intent = 0; intent < count; intent += 1) {
      const margin = margins[intent]! * scales[intent]! + biases[intent]!;
      if (margin > best) {
        second = best;
        best = margin;
        first = intent;
      } else if (margin > second) {
        second = margin;
      }
    }
    return { first, features: [best, best - second, known] };
  }
}

function fingerprintOf({ name, intents, queues, vocabulary, weights, scales, biases, calibration }: ModelData): string {
  const hash = createHash('sha256').update(JSON.stringify([name, intents, queues, calibration]));
  for (const part of [vocabulary.slots, vocabulary.idf, weights, scales, biases]) {
    hash.update(new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  }
  return hash.digest('hex').slice(0, 12);
}
