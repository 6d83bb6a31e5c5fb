import { BLOCKS, eachNgram, SLOTS } from './ngrams.js';

/** Where features stand in the weights, and how rare each is. */
export interface VocabularyData {
  /** slots of the features, rising */
  readonly slots: Uint32Array;
  /** inverse document frequency of each feature */
  readonly idf: Float32Array;
}

/** A message as features and their values; valid until the next is read. */
export interface SparseVector {
  readonly length: number;
  readonly indices: Int32Array;
  readonly values: Float32Array;
  /** how much of the message's words and letters the vocabulary has, 0 to 1 */
  readonly known: number;
}

export interface VocabularyLimits {
  /** messages that a feature has to be in */
  readonly messagesMin: number;
  readonly featuresMax: number;
}

export const DEFAULT_LIMITS: VocabularyLimits = { messagesMin: 1, featuresMax: 150_000 };

/** The features of messages. When there are too many, the rarest go: what one message alone has teaches least. */
export function learnVocabulary(texts: readonly string[], limits: VocabularyLimits = DEFAULT_LIMITS): VocabularyData {
  const { frequency, seen } = countMessages(texts);
  const messagesMin = atMost(frequency, seen, limits);
  const slots = Uint32Array.from(seen.filter((slot) => frequency[slot]! >= messagesMin)).sort();
  const idf = Float32Array.from(slots, (slot) => Math.log((1 + texts.length) / (1 + frequency[slot]!)) + 1);
  return { slots: slots.slice(0, limits.featuresMax), idf: idf.slice(0, limits.featuresMax) };
}

/** In how many messages each slot is, and which slots are in any. */
function countMessages(texts: readonly string[]): { readonly frequency: Uint32Array; readonly seen: number[] } {
  const frequency = new Uint32Array(SLOTS);
  const lastSeen = new Uint32Array(SLOTS);
  const seen: number[] = [];
  texts.forEach((text, index) =>
    eachNgram(text, (slot) => {
      if (lastSeen[slot] === index + 1) return;
      if (frequency[slot] === 0) seen.push(slot);
      lastSeen[slot] = index + 1;
      frequency[slot] = frequency[slot]! + 1;
    }),
  );
  return { frequency, seen };
}

const FREQUENCY_COUNTED_MAX = 1_000;

/** The least number of messages with which no more than `featuresMax` features are left. */
function atMost(
  frequency: Uint32Array,
  seen: readonly number[],
  { messagesMin, featuresMax }: VocabularyLimits,
): number {
  const counts = new Uint32Array(FREQUENCY_COUNTED_MAX + 1);
  for (const slot of seen) {
    const capped = Math.min(frequency[slot]!, FREQUENCY_COUNTED_MAX);
    counts[capped] = counts[capped]! + 1;
  }
  let left = 0;
  for (let least = FREQUENCY_COUNTED_MAX; least >= messagesMin; least -= 1) {
    left += counts[least]!;
    if (left > featuresMax) return least + 1;
  }
  return messagesMin;
}

/**
 * Reads messages as TF-IDF vectors: 1 + ln(count), times the rarity, each block at length 1. Its memory is reused from message to
 * message.
 */
export class Vectorizer {
  private readonly table: Int32Array;
  private readonly mask: number;
  private readonly counts: Float32Array;
  private readonly touched: Int32Array;
  private readonly blocks: Uint8Array;
  private readonly values: Float32Array;

  constructor(private readonly vocabulary: VocabularyData) {
    const { length } = vocabulary.slots;
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * length)));
    this.mask = size - 1;
    this.table = new Int32Array(size).fill(-1);
    vocabulary.slots.forEach((slot, index) => {
      let place = slot & this.mask;
      while (this.table[place] !== -1) place = (place + 1) & this.mask;
      this.table[place] = index;
    });
    this.counts = new Float32Array(length);
    this.touched = new Int32Array(length);
    this.blocks = new Uint8Array(length);
    this.values = new Float32Array(length);
  }

  /** features the vocabulary has */
  get size(): number {
    return this.vocabulary.slots.length;
  }

  read(text: string): SparseVector {
    let length = 0;
    let unknown = 0;
    let seen = 0;
    eachNgram(text, (slot, block) => {
      const index = this.indexOf(slot);
      seen += 1;
      if (index === -1) {
        unknown += 1;
        return;
      }
      const count = this.counts[index]!;
      if (count === 0) {
        this.touched[length] = index;
        this.blocks[length] = block;
        length += 1;
      }
      this.counts[index] = count + 1;
    });
    const squares = new Float64Array(BLOCKS);
    for (let at = 0; at < length; at += 1) {
      const index = this.touched[at]!;
      const value = (1 + Math.log(this.counts[index]!)) * this.vocabulary.idf[index]!;
      this.counts[index] = 0;
      this.values[at] = value;
      squares[this.blocks[at]!]! += value * value;
    }
    for (let at = 0; at < length; at += 1) this.values[at]! /= Math.sqrt(squares[this.blocks[at]!]!);
    return { length, indices: this.touched, values: this.values, known: seen === 0 ? 0 : 1 - unknown / seen };
  }

  private indexOf(slot: number): number {
    let place = slot & this.mask;
    for (;;) {
      const index = this.table[place]!;
      if (index === -1 || this.vocabulary.slots[index] === slot) return index;
      place = (place + 1) & this.mask;
    }
  }
}
