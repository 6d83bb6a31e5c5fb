import { createWriteStream, mkdirSync, statSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { SECONDS_PER_DAY } from '../payment-facts.js';
import { RULES, type Rules } from '../rules.js';
import { cardPayments, DataInvalid } from './card-payments.js';
import { atThreshold, ranking, type AtThreshold, type Ranking } from './ranking.js';
import { Replay } from './replay.js';

export interface EvalOptions {
  readonly data: string;
  /** the last days of the file are judged, the days before only teach */
  readonly testDays: number;
  readonly out: string;
  /** rules to judge by; the service's own when absent */
  readonly rules?: Rules;
  progress(rows: number): void;
}

export interface EvalResult extends Ranking {
  readonly rows: number;
  readonly testRows: number;
  readonly testFrauds: number;
  readonly held: AtThreshold;
  readonly blocked: AtThreshold;
  /** processor time of scoring, garbage collection included: whoever else uses the machine does not count */
  readonly microsPerPayment: number;
  readonly scoresFile: string;
}

const PROGRESS_ROWS = 100_000;
/** Rows are read and scored in blocks, so that scoring is measured without reading. */
const BLOCK_ROWS = 2_000;

/**
 * Replays a file of labelled payments through the service's scoring and writes `row,score,label` of the test days to
 * `<out>/scores.csv`. Reads the file twice: once for its last day, once to score. Throws DataInvalid for a bad file.
 */
export async function runEval(options: EvalOptions): Promise<EvalResult> {
  if (!statSync(options.data, { throwIfNoEntry: false })?.isFile()) {
    throw new DataInvalid(options.data, 0, 'no such file');
  }
  const { lastDay, firstDay } = await daysOf(options.data);
  const firstTestDay = lastDay - options.testDays + 1;
  if (firstTestDay <= firstDay) {
    const days = lastDay - firstDay + 1;
    throw new DataInvalid(
      options.data,
      0,
      `--test-days ${options.testDays} leaves nothing to learn from: ${days} days`,
    );
  }
  mkdirSync(options.out, { recursive: true });
  const scoresFile = join(options.out, 'scores.csv');
  const { rows, scores, frauds, micros } = await replay(options, firstTestDay, scoresFile);
  return {
    rows,
    testRows: scores.length,
    testFrauds: frauds.reduce((sum, fraud) => sum + fraud, 0),
    ...ranking(scores, frauds),
    held: atThreshold(scores, frauds, RULES.outcome.hold),
    blocked: atThreshold(scores, frauds, RULES.outcome.block),
    microsPerPayment: micros / rows,
    scoresFile,
  };
}

async function daysOf(file: string): Promise<{ firstDay: number; lastDay: number }> {
  let firstDay = Infinity;
  let lastDay = -Infinity;
  for await (const { seconds } of cardPayments(file)) {
    const day = Math.floor(seconds / SECONDS_PER_DAY);
    if (firstDay === Infinity) firstDay = day;
    lastDay = day;
  }
  if (lastDay === -Infinity) throw new DataInvalid(file, 2, 'the file has no payments');
  return { firstDay, lastDay };
}

async function replay(options: EvalOptions, firstTestDay: number, scoresFile: string) {
  const output = createWriteStream(scoresFile);
  output.write('row,score,label\n');
  const state = new Replay(options.rules);
  const scores: number[] = [];
  const frauds: number[] = [];
  let rows = 0;
  let micros = 0;
  for await (const block of inBlocks(cardPayments(options.data), BLOCK_ROWS)) {
    const before = process.cpuUsage();
    const assessments = block.map((payment) => state.score(payment).score);
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
    let text = '';
    for (const [index, { line, seconds, fraud }] of block.entries()) {
      if (seconds < firstTestDay * SECONDS_PER_DAY) continue;
      scores.push(assessments[index]!);
      frauds.push(fraud ? 1 : 0);
      text += `${line},${assessments[index]!},${fraud ? 1 : 0}\n`;
    }
    if (text !== '' && !output.write(text)) await once(output, 'drain');
    rows += block.length;
    if (rows % PROGRESS_ROWS < block.length) options.progress(rows);
  }
  output.end();
  await finished(output);
  return { rows, scores, frauds, micros };
}

async function* inBlocks<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let block: T[] = [];
  for await (const item of items) {
    block.push(item);
    if (block.length === size) {
      yield block;
      block = [];
    }
  }
  if (block.length > 0) yield block;
}
