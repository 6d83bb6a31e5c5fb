/** Something with a time, milliseconds since the epoch. */
export interface Timed {
  readonly at: number;
}

/** Merges sequences that are each in order into one; holds one item of each. Of equal times the earlier sequence goes first. */
export async function* mergeByTime<T extends Timed>(sequences: readonly AsyncIterable<T>[]): AsyncGenerator<T> {
  const iterators = sequences.map((sequence) => sequence[Symbol.asyncIterator]());
  const heads = await Promise.all(iterators.map((iterator) => iterator.next()));
  for (;;) {
    let first = -1;
    let firstAt = Infinity;
    for (const [index, head] of heads.entries()) {
      if (head.done || (first !== -1 && head.value.at >= firstAt)) continue;
      first = index;
      firstAt = head.value.at;
    }
    const head = heads[first];
    const iterator = iterators[first];
    if (!head || head.done || !iterator) return;
    yield head.value;
    heads[first] = await iterator.next();
  }
}
