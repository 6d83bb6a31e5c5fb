import { shuffle, type Random } from './seeded-random.js';

/** Messages as rows of features, one behind the other. */
export interface SparseRows {
  /** where each row begins, and behind the last where it ends */
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

export interface SvmOptions {
  /** what an error costs against the size of the weights */
  readonly cost: number;
  /** how many times as dear an error about a member is: members are few among all rows */
  readonly memberWeight: number;
  readonly epochsMax: number;
  /** ends when no message's condition is broken by more */
  readonly tolerance: number;
}

export const SVM_DEFAULTS: SvmOptions = { cost: 1, memberWeight: 3, epochsMax: 60, tolerance: 0.1 };

export interface Separation extends SvmOptions {
  readonly random: Random;
  /** of {@link squaresOf} */
  readonly squares: Float64Array;
}

/**
 * Weights and bias of the separating plane between the rows with `isMember` and the rest: a linear support vector machine with
 * squared hinge loss, by coordinate descent in the dual with shrinking.
 *
 * Source: Hsieh, Chang, Lin, Keerthi, Sundararajan, "A Dual Coordinate Descent Method for Large-scale Linear SVM", ICML 2008,
 * algorithm 3; the bias is a feature that is always 1.
 *
 * @param weights zeros, one a feature; filled with the result
 * @returns the bias
 */
export function separate(
  rows: SparseRows,
  isMember: (row: number) => boolean,
  weights: Float64Array,
  options: Separation,
): number {
  return new Descent(rows, isMember, weights, options).run();
}

const NEGLIGIBLE = 1e-12;

class Descent {
  private readonly alpha: Float64Array;
  private readonly signs: Int8Array;
  /** rows in turn; those from `size` on are left out for now */
  private readonly active: Int32Array;
  /** what the dual's diagonal has besides the row's square, by row */
  private readonly diagonal: Float64Array;
  private size: number;
  private bias = 0;
  /** a row without weight whose gradient is above is left out */
  private shrinkAbove = Number.POSITIVE_INFINITY;

  constructor(
    private readonly rows: SparseRows,
    isMember: (row: number) => boolean,
    private readonly weights: Float64Array,
    private readonly options: Separation,
  ) {
    const count = rows.starts.length - 1;
    this.size = count;
    this.alpha = new Float64Array(count);
    this.signs = Int8Array.from({ length: count }, (_, row) => (isMember(row) ? 1 : -1));
    this.active = Int32Array.from({ length: count }, (_, row) => row);
    const { cost, memberWeight } = options;
    this.diagonal = Float64Array.from(this.signs, (sign) => 0.5 / (sign > 0 ? cost * memberWeight : cost));
  }

  run(): number {
    const { epochsMax, tolerance } = this.options;
    for (let epoch = 0; epoch < epochsMax; epoch += 1) {
      const isSettled = this.pass() <= tolerance;
      if (isSettled && this.size === this.active.length) break;
      // What was left out is looked at once more before the end.
      if (isSettled) {
        this.size = this.active.length;
        this.shrinkAbove = Number.POSITIVE_INFINITY;
      }
    }
    return this.bias;
  }

  /** Looks at each active row once, in random order; by how much their conditions are broken. */
  private pass(): number {
    let highest = Number.NEGATIVE_INFINITY;
    let lowest = Number.POSITIVE_INFINITY;
    shuffle(this.active, this.size, this.options.random);
    for (let at = 0; at < this.size;) {
      const row = this.active[at]!;
      const gradient = this.gradientOf(row);
      if (this.alpha[row] === 0 && gradient > this.shrinkAbove) {
        this.leaveOut(at);
        continue;
      }
      at += 1;
      const projected = this.alpha[row] === 0 ? Math.min(gradient, 0) : gradient;
      if (projected > highest) highest = projected;
      if (projected < lowest) lowest = projected;
      if (Math.abs(projected) > NEGLIGIBLE) this.step(row, gradient);
    }
    this.shrinkAbove = highest > 0 ? highest : Number.POSITIVE_INFINITY;
    return highest - lowest;
  }

  private gradientOf(row: number): number {
    const { starts, indices, values } = this.rows;
    const end = starts[row + 1]!;
    let product = this.bias;
    for (let at = starts[row]!; at < end; at += 1) product += this.weights[indices[at]!]! * values[at]!;
    return this.signs[row]! * product - 1 + this.diagonal[row]! * this.alpha[row]!;
  }

  private step(row: number, gradient: number): void {
    const { starts, indices, values } = this.rows;
    const held = this.alpha[row]!;
    const next = Math.max(held - gradient / (this.options.squares[row]! + 1 + this.diagonal[row]!), 0);
    const change = (next - held) * this.signs[row]!;
    this.alpha[row] = next;
    const end = starts[row + 1]!;
    for (let at = starts[row]!; at < end; at += 1) this.weights[indices[at]!]! += change * values[at]!;
    this.bias += change;
  }

  private leaveOut(at: number): void {
    const row = this.active[at]!;
    this.size -= 1;
    this.active[at] = this.active[this.size]!;
    this.active[this.size] = row;
  }
}

/** The squared length of each row. */
export function squaresOf(rows: SparseRows): Float64Array {
  const squares = new Float64Array(rows.starts.length - 1);
  for (let row = 0; row < squares.length; row += 1) {
    let sum = 0;
    for (let k = rows.starts[row]!; k < rows.starts[row + 1]!; k += 1) sum += rows.values[k]! * rows.values[k]!;
    squares[row] = sum;
  }
  return squares;
}
