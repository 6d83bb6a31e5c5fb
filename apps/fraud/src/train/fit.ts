/** Rows that look the same to every signal, taken together. */
export interface Cell {
  /** the bin of each signal; -1 where it is unknown */
  readonly bins: readonly number[];
  readonly rows: number;
  readonly frauds: number;
}

/** What a signal's points are held to. */
export interface Shape {
  readonly bins: number;
  /** the bin that gets 0 points: the most common one; undefined when that is "unknown", which never has points */
  readonly reference: number | undefined;
  /** points never fall as the value rises */
  readonly rising: boolean;
  readonly pointsMax: number;
  readonly pointsMin: number;
}

export interface Fit {
  /** log-odds of a row whose signals are all in their reference bins */
  readonly base: number;
  /** points of each bin of each signal */
  readonly points: readonly (readonly number[])[];
}

const SWEEPS = 400;
/** Half of a Newton step: signals that overlap would otherwise overshoot together. */
const DAMPING = 0.5;
/** Weight of the belief that a bin is worth nothing; about that of a handful of frauds. */
const RIDGE = 0.2;

/**
 * Fits an additive logistic model with one step function per signal (a generalised additive model): penalised likelihood
 * by cyclic Newton steps over the signals, each projected onto its shape, with the pool-adjacent-violators algorithm where
 * points must rise. Hastie & Tibshirani, Generalized Additive Models (1990), ch. 6; Barlow et al., Statistical Inference
 * under Order Restrictions (1972). The same cells give the same points.
 */
export function fit(cells: readonly Cell[], shapes: readonly Shape[]): Fit {
  const points = shapes.map(({ bins }) => new Array<number>(bins).fill(0));
  let base = prior(cells);
  const logits = new Float64Array(cells.length).fill(base);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    shapes.forEach((shape, signal) => {
      const wanted = project(newton(cells, logits, points[signal]!, signal), shape);
      shift(cells, logits, signal, wanted, points[signal]!);
      points[signal] = wanted;
    });
    const moved = baseStep(cells, logits);
    base += moved;
    for (let at = 0; at < logits.length; at += 1) logits[at]! += moved;
  }
  return { base, points };
}

function prior(cells: readonly Cell[]): number {
  let rows = 0;
  let frauds = 0;
  for (const cell of cells) {
    rows += cell.rows;
    frauds += cell.frauds;
  }
  return Math.log((frauds + 1) / (rows - frauds + 1));
}

interface Wanted {
  readonly points: number[];
  readonly weights: number[];
}

/** Where each bin's points want to go, and how much is known about it. */
function newton(cells: readonly Cell[], logits: Float64Array, points: readonly number[], signal: number): Wanted {
  const gradient = points.map((point) => -RIDGE * point);
  const curvature = points.map(() => RIDGE);
  for (let at = 0; at < cells.length; at += 1) {
    const { bins, rows, frauds } = cells[at]!;
    const bin = bins[signal]!;
    if (bin < 0) continue;
    const chance = 1 / (1 + Math.exp(-logits[at]!));
    gradient[bin]! += frauds - rows * chance;
    curvature[bin]! += Math.max(rows * chance * (1 - chance), 1e-9);
  }
  return {
    points: points.map((point, bin) => point + clamp((DAMPING * gradient[bin]!) / curvature[bin]!, -1, 1)),
    weights: curvature,
  };
}

function project({ points, weights }: Wanted, shape: Shape): number[] {
  const rising = shape.rising ? pooled(points, weights) : points;
  const zero = shape.reference === undefined ? 0 : rising[shape.reference]!;
  return rising.map((point) => clamp(point - zero, shape.pointsMin, shape.pointsMax));
}

/** The nearest rising sequence, by pooling neighbours that fall. */
function pooled(points: readonly number[], weights: readonly number[]): number[] {
  const pools: { mean: number; weight: number; size: number }[] = [];
  points.forEach((mean, at) => {
    pools.push({ mean, weight: weights[at]!, size: 1 });
    while (pools.length > 1 && pools.at(-2)!.mean > pools.at(-1)!.mean) {
      const last = pools.pop()!;
      const before = pools.pop()!;
      const weight = before.weight + last.weight;
      const mean = (before.mean * before.weight + last.mean * last.weight) / weight;
      pools.push({ mean, weight, size: before.size + last.size });
    }
  });
  return pools.flatMap(({ mean, size }) => new Array<number>(size).fill(mean));
}

function shift(
  cells: readonly Cell[],
  logits: Float64Array,
  signal: number,
  wanted: readonly number[],
  before: readonly number[],
): void {
  for (let at = 0; at < cells.length; at += 1) {
    const bin = cells[at]!.bins[signal]!;
    if (bin >= 0) logits[at]! += wanted[bin]! - before[bin]!;
  }
}

function baseStep(cells: readonly Cell[], logits: Float64Array): number {
  let gradient = 0;
  let curvature = 1e-6;
  for (let at = 0; at < cells.length; at += 1) {
    const { rows, frauds } = cells[at]!;
    const chance = 1 / (1 + Math.exp(-logits[at]!));
    gradient += frauds - rows * chance;
    curvature += rows * chance * (1 - chance);
  }
  return clamp((DAMPING * gradient) / curvature, -1, 1);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}
