import type { Type } from '@nestjs/common';
import { Backtest, type BacktestAnswer } from './backtest.js';
import { openPastService } from './past-service.js';
import { messageLines } from './replay-verb.js';

/**
 * `backtest SINCE UNTIL [anew]`: decides the messages of its standard input, in their order, from the state the service had at SINCE
 * (ISO 8601) on, with the settings it is given; agents go over their recorded runs, or run anew. Answers with its progress, with each
 * message that can't be decided, each subject that came out otherwise, and at last with `{ summary }`.
 */
export async function* backtestVerb(
  module: Type,
  [since = '', until = '', runs]: readonly string[],
): AsyncGenerator<BacktestAnswer> {
  const past = await openPastService(module, runs === 'anew' ? 'anew' : 'recorded');
  try {
    yield* new Backtest(past).run(messageLines(), new Date(since), new Date(until));
  } finally {
    await past.close();
  }
}
