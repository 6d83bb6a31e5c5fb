const BINS_MAX = 40;
const BIN_ROWS_MIN = 100;

/**
 * Where the bins of a signal begin, rising, the first at its least value: quantiles of all payments and, so that the rare
 * high values get bins of their own, of the frauds. Few different values get a bin each.
 */
export function edgesOf(values: readonly (number | undefined)[], frauds: readonly number[]): number[] {
  const all: number[] = [];
  const bad: number[] = [];
  values.forEach((value, at) => {
    if (value === undefined) return;
    all.push(value);
    if (frauds[at] === 1) bad.push(value);
  });
  const distinct = [...new Set(all)].sort((a, b) => a - b);
  if (distinct.length <= BINS_MAX) return distinct;
  const edges = new Set([...quantiles(all, BINS_MAX / 2), ...quantiles(bad, BINS_MAX / 2)].map(readable));
  return withoutThin(
    [...edges].sort((a, b) => a - b),
    all,
  );
}

/** A handful of payments tells nothing: such a bin joins the one above it. */
function withoutThin(edges: readonly number[], values: readonly number[]): number[] {
  const rows = new Array<number>(edges.length).fill(0);
  for (const value of values) rows[binOf(edges, value)]! += 1;
  const kept: number[] = [];
  let from: number | undefined;
  let joined = 0;
  edges.forEach((edge, bin) => {
    from ??= edge;
    joined += rows[bin]!;
    if (joined < BIN_ROWS_MIN && bin < edges.length - 1) return;
    kept.push(from);
    from = undefined;
    joined = 0;
  });
  return kept;
}

/** The bin of a value; the first also takes what is below it. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

function quantiles(values: readonly number[], count: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  return Array.from({ length: count }, (_, at) => sorted[Math.floor((sorted.length * at) / count)]!);
}

/** Three digits are enough, and people read the table. */
function readable(value: number): number {
  return Number(value.toPrecision(3));
}
