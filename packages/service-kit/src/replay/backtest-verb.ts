import type { Type } from '@nestjs/common';
import { Backtest } from './backtest.js';
import { openPastService } from './past-service.js';
import { messageLines } from './replay-verb.js';

/**
 * `backtest SINCE [anew]`: decides the messages of its standard input, in their order, from the state the service had at that instant
 * (ISO 8601) on, with the settings it is given; agents go over their recorded runs, or run anew; answers with its progress, with each subject that came out otherwise, and at last with `{ summary }`.
 */
export async function* backtestVerb(module: Type, [since = '', runs]: readonly string[]): AsyncGenerator<object> {
  const past = await openPastService(module, runs === 'anew' ? 'anew' : 'recorded');
  try {
    yield* new Backtest(past).run(messageLines(), new Date(since));
  } finally {
    await past.close();
  }
}
