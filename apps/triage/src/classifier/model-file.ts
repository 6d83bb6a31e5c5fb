import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { isQueue } from '../queues.js';
import { ClassifierError } from './example.js';
import { IntentModel, type ModelData } from './intent-model.js';

const FORMAT = 'towpath-intents-1';

const base64 = z.base64();
const logistic = z.array(z.number()).length(4);

const fileSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string().min(1).max(64),
  intents: z.array(z.string().min(1)).min(2),
  queues: z.array(z.string().refine(isQueue, 'is no queue')),
  slots: base64,
  idf: base64,
  weights: base64,
  scales: base64,
  biases: base64,
  calibration: z.strictObject({ right: logistic, inScope: logistic, inScopeMin: z.number().min(0).max(1) }),
});

/** Writes a model as one file; gzipped when its name ends so. It holds hashes of word and letter sequences, not the messages. */
export function saveModel(model: IntentModel, file: string): void {
  const { vocabulary, weights, scales, biases, ...rest } = model.data;
  const text = JSON.stringify({
    format: FORMAT,
    ...rest,
    slots: encoded(vocabulary.slots),
    idf: encoded(vocabulary.idf),
    weights: encoded(weights),
    scales: encoded(scales),
    biases: encoded(biases),
  });
  writeFileSync(file, file.endsWith('.gz') ? gzipSync(text) : text);
}

/** Throws MODEL_UNREADABLE (no such file, no gzip) or MODEL_INVALID (not ours, or not whole). */
export function loadModel(file: string): IntentModel {
  const parsed = fileSchema.safeParse(jsonIn(file));
  if (!parsed.success) {
    const wrong = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
    throw invalid(file, wrong.join('; '));
  }
  const { slots, idf, weights, scales, biases, format: _, ...rest } = parsed.data;
  const data: ModelData = {
    ...rest,
    vocabulary: { slots: new Uint32Array(decoded(slots)), idf: new Float32Array(decoded(idf)) },
    weights: new Int16Array(decoded(weights, 2)),
    scales: new Float32Array(decoded(scales)),
    biases: new Float32Array(decoded(biases)),
  };
  const features = data.vocabulary.slots.length;
  const intents = data.intents.length;
  const isWhole =
    data.queues.length === intents &&
    data.vocabulary.idf.length === features &&
    data.weights.length === features * intents &&
    data.scales.length === intents &&
    data.biases.length === intents;
  if (!isWhole) throw invalid(file, 'its parts do not belong together');
  return new IntentModel(data);
}

function jsonIn(file: string): unknown {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
    if (file.endsWith('.gz')) bytes = gunzipSync(bytes);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new ClassifierError(
      'MODEL_UNREADABLE',
      `${file} can not be read (${cause}); set TRIAGE_MODEL_FILE to a model.`,
    );
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalid(file, 'it is not JSON');
  }
}

function invalid(file: string, wrong: string): ClassifierError {
  const fix = 'make one with `npm run train -w apps/triage -- --data FILE --out FILE`';
  return new ClassifierError('MODEL_INVALID', `${file} is no model of this version: ${wrong}; ${fix}.`);
}

function encoded(part: Uint32Array | Float32Array | Int16Array): string {
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64');
}

/** Bytes of their own, so that they are aligned; what does not divide into items is cut, and then missed. */
function decoded(text: string, itemBytes = 4): ArrayBuffer {
  const bytes = Buffer.from(text, 'base64');
  const whole = new ArrayBuffer(bytes.length - (bytes.length % itemBytes));
  new Uint8Array(whole).set(bytes.subarray(0, whole.byteLength));
  return whole;
}
