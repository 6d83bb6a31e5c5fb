import type { Macro, Macros } from './macros.js';
import { contentWords, sentencesOf } from './words.js';

/** A macro that answers a part of the message. */
export interface Choice {
  readonly macro: Macro;
  /** 0 to 1: how much of what the macro is about the message says; 1 for the intent's own */
  readonly match: number;
  /** whether the classified intent chose it */
  readonly byIntent: boolean;
}

const CHOICES_MAX = 3;
/** Below this share of its weight a macro does not answer a sentence. */
const MATCH_MIN = 0.45;
/** A second macro for the same words has to be nearly as good as the first. */
const SENTENCES_MAX = 60;

/**
 * The macros that answer a message: that of its intent, and for each sentence the best by words in common, rare words counting
 * more (inverse document frequency over the macros' `asks`). At most three, in the order of the message's sentences.
 */
export function chooseMacros(macros: Macros, text: string, intent: string): Choice[] {
  const own = macros.macros.find(({ intents }) => intents.includes(intent));
  const chosen = new Map<string, Choice>();
  if (own) chosen.set(own.id, { macro: own, match: 1, byIntent: true });
  const index = indexOf(macros);
  for (const sentence of sentencesOf(text).slice(0, SENTENCES_MAX)) {
    const best = bestFor(index, new Set(contentWords(sentence.text)));
    if (best && best.match >= MATCH_MIN && !chosen.has(best.macro.id)) chosen.set(best.macro.id, best);
    if (chosen.size === CHOICES_MAX) break;
  }
  return [...chosen.values()];
}

interface Indexed {
  readonly macro: Macro;
  /** each way to ask, as words */
  readonly asks: readonly ReadonlySet<string>[];
}

interface Index {
  readonly macros: readonly Indexed[];
  weight(word: string): number;
}

const indexes = new WeakMap<Macros, Index>();

function indexOf(macros: Macros): Index {
  const known = indexes.get(macros);
  if (known) return known;
  const indexed = macros.macros.map((macro) => ({
    macro,
    asks: macro.asks.split(',').map((ask) => new Set(contentWords(ask))),
  }));
  const counts = new Map<string, number>();
  for (const { asks } of indexed) {
    for (const word of new Set(asks.flatMap((ask) => [...ask]))) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const weight = (word: string): number => Math.log(1 + indexed.length / (counts.get(word) ?? indexed.length));
  const index = { macros: indexed, weight };
  indexes.set(macros, index);
  return index;
}

/** The macro one of whose ways to ask is said by the words most fully; of equals the earlier one in the file. */
function bestFor({ macros, weight }: Index, words: ReadonlySet<string>): Choice | undefined {
  let best: Choice | undefined;
  for (const { macro, asks } of macros) {
    for (const ask of asks) {
      const match = share(ask, words, weight);
      if (match > (best?.match ?? 0)) best = { macro, match, byIntent: false };
    }
  }
  return best;
}

function share(ask: ReadonlySet<string>, words: ReadonlySet<string>, weight: (word: string) => number): number {
  let all = 0;
  let said = 0;
  let hits = 0;
  for (const word of ask) {
    all += weight(word);
    if (!words.has(word)) continue;
    said += weight(word);
    hits += 1;
  }
  // One word alone, such as "card", says too little about what is asked.
  return all === 0 || (hits < 2 && ask.size > 1) ? 0 : said / all;
}
