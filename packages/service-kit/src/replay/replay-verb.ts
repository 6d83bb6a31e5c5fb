import { createInterface } from 'node:readline';
import type { Type } from '@nestjs/common';
import { openPastService } from './past-service.js';
import type { ReplayMessage } from './replay-message.js';
import { Replay, type Verdict } from './replay.js';

/**
 * `replay`: decides the messages of its standard input again, a JSON object a line, and answers with a verdict for each. It runs with the
 * settings of the service and its role, connects to no broker, starts nothing and writes nothing.
 */
export async function* replayVerb(module: Type): AsyncGenerator<Verdict> {
  const messages: ReplayMessage[] = [];
  for await (const message of messageLines()) messages.push(message);
  const past = await openPastService(module);
  try {
    yield* new Replay(past).verdicts(messages);
  } finally {
    await past.close();
  }
}

/** The messages of standard input, one a line. */
export async function* messageLines(): AsyncGenerator<ReplayMessage> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line !== '') yield JSON.parse(line) as ReplayMessage;
  }
}
