import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { foldsOf } from '../folds.js';
import type { Type } from '@nestjs/common';
import { backtestVerb } from '../replay/backtest-verb.js';
import { replayVerb } from '../replay/replay-verb.js';
import { serviceDefinition, type ServiceDefinition } from '../service.js';
import { foldLines } from './fold-lines.js';
import { rebuild } from './rebuild-verb.js';

/** What a service folds, by name. */
export interface ServiceDescription {
  readonly service: string;
  /** names of the streams that it folds */
  readonly streams: readonly string[];
  readonly projections: readonly string[];
}

/** Answers with JSON objects, a line each. */
type Verb = (
  definition: ServiceDefinition,
  words: readonly string[],
  module: Type,
) => AsyncIterable<object> | Iterable<object>;

/**
 * What a service's program does instead of running when it is called with a word: folds and decisions are its code, and tools ask it for them.
 * `describe` and `fold` need no settings, addresses or credentials.
 */
const verbs: Readonly<Record<string, Verb>> = {
  describe: (definition) => [describe(definition)],
  rebuild,
  replay: (_definition, _words, module) => replayVerb(module),
  backtest: (_definition, words, module) => backtestVerb(module, words),
  fold: (definition) => foldLines(foldsOf(definition), createInterface({ input: process.stdin, crlfDelay: Infinity })),
};

/**
 * Runs one verb to its end and gives the exit code: 0, 1 when it fails, 2 for a word that is none. Failures go to standard error as
 * one JSON object with `code` and `message`.
 */
export async function runVerb(module: Type, [word = '', ...words]: readonly string[]): Promise<number> {
  const definition = serviceDefinition(module);
  const verb = verbs[word];
  if (!verb) {
    process.stderr.write(`${definition.name}: "${word}" is none of ${Object.keys(verbs).join(', ')}\n`);
    return 2;
  }
  try {
    await pipeline(Readable.from(linesOf(verb(definition, words, module))), process.stdout, { end: false });
    return 0;
  } catch (error) {
    // Whoever asked has left: there is nobody to tell.
    if ((error as { code?: unknown }).code === 'EPIPE') return 1;
    const { code = 'UNEXPECTED' } = error as { code?: string };
    process.stderr.write(
      `${JSON.stringify({ code, message: error instanceof Error ? error.message : String(error) })}\n`,
    );
    return 1;
  }
}

async function* linesOf(objects: AsyncIterable<object> | Iterable<object>): AsyncGenerator<string> {
  for await (const object of objects) yield `${JSON.stringify(object)}\n`;
}

function describe(definition: ServiceDefinition): ServiceDescription {
  const { aggregates, projections } = foldsOf(definition);
  return {
    service: definition.name,
    streams: aggregates.map(({ stream }) => stream),
    projections: projections.map(({ name }) => name),
  };
}
