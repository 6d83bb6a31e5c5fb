/** Two kinds of features, each weighed by itself: a message's words, and the letters within them. */
export const BLOCKS = 2;
const WORDS = 0;
const LETTERS = 1;

/** Features are known by a hash of so many bits, so that the memory of training and of a model is bounded whatever is read. */
const SLOT_BITS = 22;
export const SLOTS = 1 << SLOT_BITS;

/** What is read of a message; the rest of a long one says what the beginning said. */
export const CHARS_READ = 2_000;

const LETTERS_MIN = 2;
const LETTERS_MAX = 5;
const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const SPACE = 0x20;

/**
 * Visits every feature of a text, repeats included, as slot and block: words, pairs of neighbouring words and of words with one
 * between them, and 2 to 5 letters in a row within a word and its borders. Case, accents' forms, punctuation and the values of
 * numbers don't count.
 */
export function eachNgram(text: string, visit: (slot: number, block: number) => void): void {
  let before = FNV_OFFSET;
  let beforeThat: number | null = null;
  const pair = (first: number, second: number, kind: number): void =>
    visit(slotOf(Math.imul(first, 31) ^ second ^ kind, WORDS), WORDS);
  for (const word of wordsOf(text)) {
    const hash = hashOf(word);
    visit(slotOf(hash, WORDS), WORDS);
    pair(before, hash, NEIGHBOURS);
    if (beforeThat !== null) pair(beforeThat, hash, ONE_BETWEEN);
    beforeThat = before === FNV_OFFSET ? null : before;
    before = hash;
    lettersOf(word, visit);
  }
  if (before !== FNV_OFFSET) pair(before, FNV_OFFSET, NEIGHBOURS);
}

const NEIGHBOURS = 0x5bd1e995;
const ONE_BETWEEN = 0x1b873593;

function wordsOf(text: string): string[] {
  const plain = text.slice(0, CHARS_READ).normalize('NFKC').toLowerCase().replaceAll(/['’`]/g, '');
  return (plain.match(/[\p{L}\p{M}]+|\p{N}+|[?!€$£]/gu) ?? []).map((word) => (/^\p{N}/u.test(word) ? '0' : word));
}

function lettersOf(word: string, visit: (slot: number, block: number) => void): void {
  const padded = ` ${word} `;
  for (let start = 0; start < padded.length; start += 1) {
    let hash = FNV_OFFSET;
    const end = Math.min(padded.length, start + LETTERS_MAX);
    for (let position = start; position < end; position += 1) {
      hash = Math.imul(hash ^ padded.charCodeAt(position), FNV_PRIME);
      if (position - start + 1 >= LETTERS_MIN) visit(slotOf(hash, LETTERS), LETTERS);
    }
  }
}

/** FNV-1a over UTF-16 units. */
function hashOf(word: string): number {
  let hash = FNV_OFFSET ^ SPACE;
  for (let index = 0; index < word.length; index += 1) hash = Math.imul(hash ^ word.charCodeAt(index), FNV_PRIME);
  return hash;
}

/** The hash's bits mixed (MurmurHash3's finalizer), since FNV's low bits differ little between short texts. */
function slotOf(hash: number, block: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return ((mixed << 1) | block) & (SLOTS - 1);
}
