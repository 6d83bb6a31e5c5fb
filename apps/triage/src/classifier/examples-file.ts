import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { ClassifierError, type Example } from './example.js';

const exampleSchema = z.object({
  text: z.string().min(1),
  intent: z.string().regex(/^[^\p{C}]{1,128}$/u),
  queue: z.string().optional(),
  split: z.string().optional(),
});

/** Bounds the memory of training: 250,000 short messages take about 1 GB. */
export const EXAMPLES_MAX = 250_000;
const TEXT_CHARS_MAX = 10_000;

/**
 * The examples of a file with one JSON object a line, `{"text", "intent"}`, optionally `"queue"` and `"split"`; gzipped or not.
 * Throws DATA_UNREADABLE, DATA_INVALID with the line, DATA_EMPTY or DATA_TOO_LARGE.
 */
export async function readExamples(file: string): Promise<Example[]> {
  const examples: Example[] = [];
  let number = 0;
  try {
    for await (const line of linesOf(file)) {
      number += 1;
      if (line.trim() === '') continue;
      if (examples.length === EXAMPLES_MAX) {
        throw new ClassifierError('DATA_TOO_LARGE', `${file} has more than ${EXAMPLES_MAX} examples; give a sample.`);
      }
      examples.push(exampleIn(line, file, number));
    }
  } catch (error) {
    if (error instanceof ClassifierError) throw error;
    const cause = error instanceof Error ? error.message : String(error);
    throw new ClassifierError(
      'DATA_UNREADABLE',
      `${file} can not be read after line ${number} (${cause}); check the file.`,
    );
  }
  if (examples.length === 0) throw new ClassifierError('DATA_EMPTY', `${file} has no examples; give one a line.`);
  return examples;
}

function linesOf(file: string): AsyncIterable<string> {
  const bytes = createReadStream(file);
  if (!file.endsWith('.gz')) return createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY });
  const unpacked = createGunzip();
  bytes.on('error', (error) => unpacked.destroy(error));
  return createInterface({ input: bytes.pipe(unpacked), crlfDelay: Number.POSITIVE_INFINITY });
}

function exampleIn(line: string, file: string, number: number): Example {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new ClassifierError('DATA_INVALID', `${file} line ${number} is not JSON; write {"text": …, "intent": …}.`);
  }
  const parsed = exampleSchema.safeParse(json);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new ClassifierError('DATA_INVALID', `${file} line ${number}: ${wrong}; write {"text": …, "intent": …}.`);
  }
  const { text, intent, queue, split } = parsed.data;
  return { text: text.slice(0, TEXT_CHARS_MAX), intent, ...(queue && { queue }), ...(split && { split }) };
}
