import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { cardPayments, DataInvalid } from '../eval/card-payments.js';
import { Replay } from '../eval/replay.js';
import { LEARNED, POINT_STEP, type LearnedName, type LearnedScore, type Steps } from '../learned-score.js';
import { SECONDS_PER_DAY } from '../payment-facts.js';
import { RULES } from '../rules.js';
import { fit, type Cell, type Fit, type Shape } from './fit.js';
import { binOf, edgesOf } from './edges.js';
import { observationsOf } from './observations.js';

export interface TrainOptions {
  readonly data: string;
  /** the last days of the file teach nothing: they are for `eval` */
  readonly testDays: number;
  /** the first days of the file teach nothing, because the profiles are still empty */
  readonly warmUpDays: number;
  progress(rows: number): void;
}

interface Constraint {
  readonly rising: boolean;
  readonly pointsMax: number;
}

/**
 * What no training may change. An amount alone never holds a payment (4.75 of 5): what is large differs from shop to shop.
 * More of what is suspicious never lowers a score; only the length of a run at a terminal, which somebody ends, may.
 */
const CONSTRAINTS: Readonly<Record<LearnedName, Constraint>> = {
  'amount-band': { rising: true, pointsMax: 4.75 },
  'amount-vs-history': { rising: true, pointsMax: 8 },
  'recent-spikes': { rising: true, pointsMax: 4 },
  'customer-frauds': { rising: true, pointsMax: 2 },
  'merchant-frauds': { rising: true, pointsMax: 9 },
  'merchant-run-days': { rising: false, pointsMax: 4 },
};
/** Nothing that looks harmless takes more than this from what looks like fraud. */
const POINTS_MIN = { rising: -1.5, free: -6 };

/** Learns the points of `LEARNED` from a file of labelled payments, as the service would have seen them. */
export async function runTrain(options: TrainOptions): Promise<LearnedScore> {
  if (!statSync(options.data, { throwIfNoEntry: false })?.isFile()) {
    throw new DataInvalid(options.data, 0, 'no such file');
  }
  const { firstDay, lastDay } = await daysOf(options.data);
  const fromDay = firstDay + options.warmUpDays;
  const toDay = lastDay - options.testDays;
  if (toDay < fromDay) {
    const days = lastDay - firstDay + 1;
    throw new DataInvalid(
      options.data,
      0,
      `${days} days leave none to learn from: lower --test-days or --warm-up-days`,
    );
  }
  const seen = await observe(options, fromDay, toDay);
  const frauds = seen.frauds.reduce((sum, fraud) => sum + fraud, 0);
  if (frauds < 50) throw new DataInvalid(options.data, 0, `only ${frauds} frauds to learn from; at least 50`);
  const edges = LEARNED.map((_, signal) =>
    edgesOf(
      seen.values.map((row) => row[signal]),
      seen.frauds,
    ),
  );
  const cells = cellsOf(seen, edges);
  const shapes = LEARNED.map((name, signal) => shapeOf(name, signal, cells, edges[signal]!.length));
  const data = await sha256(options.data);
  const found = fit(cells, shapes);
  const steps = stepsOf(found, edges);
  const version = createHash('sha256').update(JSON.stringify(steps)).digest('hex').slice(0, 8);
  return {
    version,
    base: Math.round(found.base * 1000) / 1000,
    trained: { rows: seen.frauds.length, frauds, fromDay: fromDay - firstDay, toDay: toDay - firstDay, data },
    steps,
  };
}

interface Seen {
  readonly values: (number | undefined)[][];
  readonly frauds: number[];
}

async function observe(options: TrainOptions, fromDay: number, toDay: number): Promise<Seen> {
  const values: (number | undefined)[][] = [];
  const frauds: number[] = [];
  const replay = new Replay();
  let rows = 0;
  for await (const payment of cardPayments(options.data)) {
    const day = Math.floor(payment.seconds / SECONDS_PER_DAY);
    if (day > toDay) break;
    const before = replay.before(payment);
    if (day >= fromDay) {
      values.push(observationsOf(before.facts, before.profiles, RULES));
      frauds.push(payment.fraud ? 1 : 0);
    }
    replay.add(payment, before.facts);
    rows += 1;
    if (rows % 100_000 === 0) options.progress(rows);
  }
  return { values, frauds };
}

async function daysOf(file: string): Promise<{ firstDay: number; lastDay: number }> {
  let firstDay: number | undefined;
  let lastDay = 0;
  for await (const { seconds } of cardPayments(file)) {
    lastDay = Math.floor(seconds / SECONDS_PER_DAY);
    firstDay ??= lastDay;
  }
  if (firstDay === undefined) throw new DataInvalid(file, 2, 'the file has no payments');
  return { firstDay, lastDay };
}

function cellsOf({ values, frauds }: Seen, edges: readonly (readonly number[])[]): Cell[] {
  const cells = new Map<string, { bins: number[]; rows: number; frauds: number }>();
  values.forEach((row, at) => {
    const bins = row.map((value, signal) => (value === undefined ? -1 : binOf(edges[signal]!, value)));
    const key = bins.join();
    const cell = cells.get(key) ?? { bins, rows: 0, frauds: 0 };
    cell.rows += 1;
    cell.frauds += frauds[at]!;
    cells.set(key, cell);
  });
  return [...cells.values()];
}

function shapeOf(name: LearnedName, signal: number, cells: readonly Cell[], bins: number): Shape {
  const rows = new Array<number>(bins).fill(0);
  for (const cell of cells) if (cell.bins[signal]! >= 0) rows[cell.bins[signal]!]! += cell.rows;
  const { rising, pointsMax } = CONSTRAINTS[name];
  // Where unknown is what is common, points stand against unknown.
  const reference = name === 'merchant-run-days' ? undefined : rows.indexOf(Math.max(...rows));
  return { bins, reference, rising, pointsMax, pointsMin: rising ? POINTS_MIN.rising : POINTS_MIN.free };
}

function stepsOf({ points }: Fit, edges: readonly (readonly number[])[]): Record<LearnedName, Steps> {
  const table = (signal: number): Steps => {
    const steps: [number, number][] = [];
    edges[signal]!.forEach((from, bin) => {
      const rounded = pointsOf(points[signal]![bin]!);
      if ((steps.at(-1)?.[1] ?? 0) !== rounded) steps.push([from, rounded]);
    });
    return steps;
  };
  return Object.fromEntries(LEARNED.map((name, signal) => [name, table(signal)])) as Record<LearnedName, Steps>;
}

/** Less than a quarter of a point is noise, and ordinary payments should read 0. */
function pointsOf(fitted: number): number {
  return Math.abs(fitted) < 0.25 ? 0 : Math.round(fitted / POINT_STEP) * POINT_STEP + 0;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
