/** Bias first, then one weight a feature. */
export type LogisticWeights = readonly number[];

/** The probability that logistic weights give to features. */
export function probabilityOf(weights: LogisticWeights, features: readonly number[]): number {
  return 1 / (1 + Math.exp(-logitOf(weights, features)));
}

function logitOf(weights: LogisticWeights, features: readonly number[]): number {
  return features.reduce((sum, feature, index) => sum + feature * weights[index + 1]!, weights[0]!);
}

export interface Point {
  readonly features: readonly number[];
  readonly yes: boolean;
}

const STEPS_MAX = 50;
/** Keeps weights finite where a few points are told apart without an error. */
const RIDGE = 1e-2;

/**
 * Logistic regression of a yes or no on few features, by Newton's method with a small ridge. Targets are drawn in a little, as
 * Platt does, so that a handful of points without an error give no certainty. With an even prior both answers weigh the same,
 * however many points each has.
 *
 * Source: Platt, "Probabilistic Outputs for Support Vector Machines", 1999; the ridge as in Bishop, PRML, 4.3.3.
 */
export function fitLogistic(points: readonly Point[], prior: 'as-seen' | 'even' = 'as-seen'): LogisticWeights {
  const size = (points[0]?.features.length ?? 0) + 1;
  const yes = points.filter((point) => point.yes).length;
  const no = points.length - yes;
  const answers = {
    yes: { target: (yes + 1) / (yes + 2), weight: 1 },
    no: { target: 1 / (no + 2), weight: prior === 'even' && yes > 0 && no > 0 ? yes / no : 1 },
  };
  let weights: number[] = new Array<number>(size).fill(0);
  for (let step = 0; step < STEPS_MAX; step += 1) {
    const slopes = new Slopes(weights);
    for (const { features, yes: isYes } of points) slopes.add(features, isYes ? answers.yes : answers.no);
    const change = solved(slopes.hessian, slopes.gradient);
    const largest = Math.max(...change.map(Math.abs));
    // Far from the end a whole step may overshoot.
    const scale = Math.min(1, 5 / Math.max(largest, 1e-12));
    weights = weights.map((weight, index) => weight - scale * change[index]!);
    if (largest < 1e-8) break;
  }
  return weights;
}

/** First and second derivative of the loss at some weights. */
class Slopes {
  readonly gradient: number[];
  readonly hessian: number[][];

  constructor(private readonly weights: LogisticWeights) {
    this.gradient = weights.map((weight, index) => (index === 0 ? 0 : RIDGE * weight));
    this.hessian = weights.map((_, row) => weights.map((__, column) => (row === column ? RIDGE : 0)));
  }

  add(features: readonly number[], { target, weight }: { readonly target: number; readonly weight: number }): void {
    const inputs = [1, ...features];
    const probability = probabilityOf(this.weights, features);
    const slope = weight * Math.max(probability * (1 - probability), 1e-9);
    const error = weight * (probability - target);
    inputs.forEach((input, row) => {
      this.gradient[row]! += error * input;
      inputs.forEach((other, column) => (this.hessian[row]![column]! += slope * input * other));
    });
  }
}

/** Gauss's elimination with pivots, for a handful of unknowns. */
function solved(matrix: number[][], right: readonly number[]): number[] {
  const size = right.length;
  const rows = matrix.map((row, index) => [...row, right[index]!]);
  for (let column = 0; column < size; column += 1) {
    const pivot = rows.reduce(
      (best, row, index) => (index >= column && Math.abs(row[column]!) > Math.abs(rows[best]![column]!) ? index : best),
      column,
    );
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let below = 0; below < size; below += 1) {
      if (below === column) continue;
      const factor = rows[below]![column]! / rows[column]![column]!;
      for (let k = column; k <= size; k += 1) rows[below]![k]! -= factor * rows[column]![k]!;
    }
  }
  return rows.map((row, index) => row[size]! / row[index]!);
}
