import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { productExamples } from '../intents/taxonomy.js';
import { heldOut, partsOf } from './data-parts.js';
import { aurocOf, evaluationOf, answersOf } from './evaluate.js';
import { readExamples } from './examples-file.js';
import type { Example } from './example.js';
import { separate, squaresOf, SVM_DEFAULTS } from './linear-svm.js';
import { fitLogistic, probabilityOf } from './logistic.js';
import { loadModel, saveModel } from './model-file.js';
import { eachNgram } from './ngrams.js';
import { seededRandom } from './seeded-random.js';
import { trainModel } from './train.js';

const examples = productExamples();
const model = trainModel(examples, { name: 'product' });

const folder = mkdtempSync(join(tmpdir(), 'classifier-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function featuresOf(text: string): string {
  const slots: number[] = [];
  eachNgram(text, (slot) => slots.push(slot));
  return slots.join();
}

const codeOf = async (work: () => unknown): Promise<string> => {
  try {
    await work();
    return 'none';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe("the product's own model", () => {
  it('tells intents that it was not taught the words of, and what is none of its business', () => {
    const { train, test } = heldOut(examples, 0.2, 7);
    const { accuracy, oosAuroc } = evaluationOf(answersOf(trainModel(train, { name: 'part' }), test), 0);
    expect(accuracy).toBeGreaterThan(0.7);
    expect(oosAuroc).toBeGreaterThan(0.9);
  });

  it.each([
    ['Hi, you have billed me twice for my last purchase!!', 'duplicate_charge', 'billing'],
    ['i forgot my passwrod and need a new one', 'password_reset', 'account'],
    ['We see a payment to you that nobody here has made', 'unauthorised_charge', 'fraud'],
    ['Our webhook endpoint receives nothing since Friday', 'webhook_setup', 'technical'],
    ['Where is my package?', 'order_status', 'general'],
  ])('sends %j to its queue', (text, intent, queue) => {
    expect(model.classify(text)).toMatchObject({ intent, queue, outOfScope: false });
  });

  it.each(['What is the weather like in Berlin?', 'lorem ipsum dolor sit amet', 'zzz qqq xxx', ''])(
    'sends %j to the general queue as out of scope',
    (text) => expect(model.classify(text)).toMatchObject({ queue: 'general', outOfScope: true }),
  );

  it('has a probability for any text, and the same one each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
        const one = model.score(text);
        expect(one.confidence >= 0 && one.confidence <= 1 && one.inScope >= 0 && one.inScope <= 1).toBe(true);
        expect(model.score(text)).toEqual(one);
      }),
      { numRuns: 50 },
    );
  });

  it('is learned the same way each time, and another way from other examples', () => {
    const some = examples.filter(({ queue }) => queue === 'general');
    const one = trainModel(some, { name: 'some' }).version;
    expect(trainModel(some, { name: 'some' }).version).toBe(one);
    expect(trainModel(some.slice(1), { name: 'some' }).version).not.toBe(one);
  });
});

describe('a model file', () => {
  it.each(['model.json', 'model.json.gz'])('gives back the same model (%s)', (name) => {
    const file = join(folder, name);
    saveModel(model, file);
    const loaded = loadModel(file);
    expect(loaded.version).toBe(model.version);
    for (const { text } of examples.slice(0, 50)) expect(loaded.score(text)).toEqual(model.score(text));
  });

  it('holds no message', () => {
    const file = join(folder, 'model.json');
    saveModel(model, file);
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('refund 48213');
    expect(examples.filter((example) => example.text.length > 12 && text.includes(example.text))).toEqual([]);
  });

  it.each([
    ['cut', (json: Record<string, unknown>) => ({ ...json, weights: String(json['weights']).slice(0, 1_000) })],
    ['of another format', (json: Record<string, unknown>) => ({ ...json, format: 'towpath-intents-0' })],
    [
      'with a queue that is none',
      (json: Record<string, unknown>) => ({ ...json, queues: model.intents.map(() => 'sales') }),
    ],
    ['with another setting', (json: Record<string, unknown>) => ({ ...json, trust: 'me' })],
  ])('is refused when it is %s', async (_how, change) => {
    const file = join(folder, 'model.json');
    saveModel(model, file);
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>)));
    expect(await codeOf(() => loadModel(file))).toBe('MODEL_INVALID');
  });

  it('is refused when it is not there, no gzip or no JSON', async () => {
    writeFileSync(join(folder, 'text.json'), 'no');
    writeFileSync(join(folder, 'text.gz'), 'no');
    const codes = ['gone.json', 'text.gz', 'text.json'].map((name) => codeOf(() => loadModel(join(folder, name))));
    expect(await Promise.all(codes)).toEqual(['MODEL_UNREADABLE', 'MODEL_UNREADABLE', 'MODEL_INVALID']);
  });
});

describe('examples', () => {
  const lines = '{"text":"a","intent":"x"}\n\n{"text":"b","intent":"y?","queue":"billing","split":"train"}\n';

  it.each([
    ['plain.jsonl', Buffer.from(lines)],
    ['packed.jsonl.gz', gzipSync(lines)],
  ])('are read from %s', async (name, bytes) => {
    writeFileSync(join(folder, name), bytes);
    expect(await readExamples(join(folder, name))).toEqual([
      { text: 'a', intent: 'x' },
      { text: 'b', intent: 'y?', queue: 'billing', split: 'train' },
    ]);
  });

  it('that can not be used are refused with the line', async () => {
    const file = join(folder, 'wrong.jsonl');
    writeFileSync(file, '{"text":"a","intent":"x"}\n{"text":"a"}\n');
    await expect(readExamples(file)).rejects.toThrow(/DATA_INVALID: .* line 2: intent/);
    writeFileSync(file, '\n');
    expect(await codeOf(() => readExamples(file))).toBe('DATA_EMPTY');
    writeFileSync(join(folder, 'wrong.jsonl.gz'), 'no gzip');
    expect(await codeOf(() => readExamples(join(folder, 'wrong.jsonl.gz')))).toBe('DATA_UNREADABLE');
    expect(await codeOf(() => readExamples(join(folder, 'gone.jsonl')))).toBe('DATA_UNREADABLE');
  });

  it('of one intent, or with a queue that is none, teach nothing', async () => {
    const one: Example = { text: 'a', intent: 'x' };
    expect(await codeOf(() => trainModel([one, one], { name: 'one' }))).toBe('DATA_INVALID');
    const sales = [one, { text: 'b', intent: 'y', queue: 'sales' }];
    expect(await codeOf(() => trainModel(sales, { name: 'two' }))).toBe('DATA_INVALID');
  });

  it('are never both taught and asked', () => {
    const split = (name: string, count: number): Example[] =>
      Array.from({ length: count }, (_, index) => ({ text: `${name}${index}`, intent: `i${index % 3}`, split: name }));
    const file = [...split('train', 9), ...split('oos_train', 3), ...split('val', 6), ...split('oos_val', 3)];
    const parts = partsOf(file, null, 1);
    expect([parts.train.length, parts.test.length]).toEqual([12, 9]);
    expect(partsOf(file, file.slice(0, 9), 1).train).toEqual(parts.train);
    const random = partsOf(split('all', 30), null, 1);
    expect([random.train.length, random.test.length]).toEqual([24, 6]);
    expect(random.train.filter((example) => random.test.includes(example))).toEqual([]);
    expect(partsOf(split('all', 30), null, 2).test).not.toEqual(random.test);
  });
});

describe('features', () => {
  it('are the same whatever the case, punctuation, apostrophes and values of numbers', () => {
    expect(featuresOf("DON'T charge me 49,90.")).toBe(featuresOf('dont charge me 12 00'));
    expect(featuresOf('Straße')).not.toBe(featuresOf('Strasse'));
    expect(featuresOf('a b')).not.toBe(featuresOf('b a'));
  });
});

describe('a separating plane', () => {
  it('is the one that the conditions of the optimum ask for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const random = seededRandom(seed);
        const count = 30;
        const rows = {
          starts: Int32Array.from({ length: count + 1 }, (_, row) => row * 2),
          indices: Int32Array.from({ length: 2 * count }, (_, at) => at % 2),
          values: Float32Array.from({ length: 2 * count }, () => 2 * random() - 1),
        };
        const isMember = (row: number): boolean => rows.values[2 * row]! + 0.3 * rows.values[2 * row + 1]! > 0.1;
        const loss = ([bias, x, y]: readonly [number, number, number]): number => {
          let sum = (bias * bias + x * x + y * y) / 2;
          for (let row = 0; row < count; row += 1) {
            const margin = bias + x * rows.values[2 * row]! + y * rows.values[2 * row + 1]!;
            const weight = isMember(row) ? SVM_DEFAULTS.memberWeight : 1;
            sum += weight * Math.max(0, 1 - (isMember(row) ? margin : -margin)) ** 2;
          }
          return sum;
        };
        const weights = new Float64Array(2);
        const options = { ...SVM_DEFAULTS, epochsMax: 5_000, tolerance: 1e-9, random, squares: squaresOf(rows) };
        const bias = separate(rows, isMember, weights, options);
        const best = loss([bias, weights[0]!, weights[1]!]);
        for (const step of [-1e-3, 1e-3]) {
          expect(loss([bias + step, weights[0]!, weights[1]!])).toBeGreaterThanOrEqual(best);
          expect(loss([bias, weights[0]! + step, weights[1]!])).toBeGreaterThanOrEqual(best);
          expect(loss([bias, weights[0]!, weights[1]! + step])).toBeGreaterThanOrEqual(best);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('a calibrated probability', () => {
  it('is the share that was right among margins alike', () => {
    const random = seededRandom(3);
    const points = Array.from({ length: 4_000 }, () => {
      const margin = 4 * random() - 2;
      return { features: [margin], yes: random() < 1 / (1 + Math.exp(-(2 * margin - 0.5))) };
    });
    const [bias = 0, slope = 0] = fitLogistic(points);
    expect(bias).toBeCloseTo(-0.5, 0);
    expect(slope).toBeCloseTo(2, 0);
  });

  it('stays a probability where nothing was ever wrong', () => {
    const weights = fitLogistic([1, 2, 3].map((margin) => ({ features: [margin], yes: true })));
    expect(probabilityOf(weights, [2])).toBeGreaterThan(0.5);
    expect(probabilityOf(weights, [2])).toBeLessThan(1);
  });
});

describe('the area under the curve', () => {
  it('is the share of pairs in the right order, ties counting half', () => {
    const scores = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(scores, scores, (higher, lower) => {
        const pairs = higher.flatMap((one) => lower.map((other) => (one > other ? 1 : one === other ? 0.5 : 0)));
        const share = pairs.reduce<number>((sum, pair) => sum + pair, 0) / pairs.length;
        expect(aurocOf(higher, lower)).toBeCloseTo(share, 10);
      }),
    );
    expect(aurocOf([1], [])).toBeNull();
  });
});
