/** Bounds of a cache. */
export interface CacheBounds {
  readonly entriesMax: number;
  /** of all texts together, in UTF-16 code units */
  readonly charactersMax: number;
  readonly ttlMs: number;
}

interface Entry<V> {
  readonly value: V;
  readonly characters: number;
  readonly until: number;
}

/**
 * Answers by the hash of their request. The oldest leave first; nothing stays past `ttlMs`, which the gateway sets no longer
 * than keys of erased people are remembered: an answer may name somebody.
 */
export class AnswerCache<V> {
  private readonly entries = new Map<string, Entry<V>>();
  private characters = 0;

  /** `nowMs` is a monotonic clock */
  constructor(
    private readonly bounds: CacheBounds,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  get size(): number {
    return this.entries.size;
  }

  get(key: string): V | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > this.nowMs()) return entry.value;
    this.drop(key, entry);
    return undefined;
  }

  /** Keeps a value of about so many characters; one that alone is too large is not kept. */
  set(key: string, value: V, characters: number): void {
    const { entriesMax, charactersMax, ttlMs } = this.bounds;
    const before = this.entries.get(key);
    if (before) this.drop(key, before);
    if (characters > charactersMax || entriesMax === 0) return;
    this.entries.set(key, { value, characters, until: this.nowMs() + ttlMs });
    this.characters += characters;
    for (const [oldest, entry] of this.entries) {
      const fits = this.entries.size <= entriesMax && this.characters <= charactersMax;
      if (fits && entry.until > this.nowMs()) break;
      this.drop(oldest, entry);
    }
  }

  private drop(key: string, entry: Entry<V>): void {
    this.entries.delete(key);
    this.characters -= entry.characters;
  }
}
