import fc from 'fast-check';
import { dispositionOf, type DispositionInput } from './disposition.decider.js';

const ALLOWED = { intents: ['order_status'], confidenceMin: 0.8 };
const macro = { kind: 'macro', id: 'a', version: '1', start: 0, end: 5 } as const;
const good: DispositionInput = {
  ...{ intent: 'order_status', confidence: 0.9, specialist: 'general', answersIntent: true, traits: [] },
  ...{ authorVerified: null, sentences: [{ text: 'Hello', sources: [macro] }], decidedBy: 'analyst' },
};
const quote = { kind: 'message', id: 'm', version: '', start: 0, end: 60 } as const;
const order = { ...quote, end: 4 } as const;

describe('a reply', () => {
  it('goes out by itself when everything speaks for it', () => {
    expect(dispositionOf(good, ALLOWED)).toEqual({ disposition: 'send', reasons: [] });
    expect(dispositionOf({ ...good, authorVerified: true, confidence: 0.8 }, ALLOWED).disposition).toBe('send');
    const naming = [{ text: 'Order 4711', sources: [macro, order] }];
    expect(dispositionOf({ ...good, sentences: naming }, ALLOWED).disposition).toBe('send');
  });

  it.each<[string, Partial<DispositionInput>]>([
    ['the intent is not allowed', { intent: 'refund_request' }],
    ['triage is not sure', { confidence: 0.79 }],
    ['triage says no number', { confidence: Number.NaN }],
    ['triage says more than all', { confidence: 1.1 }],
    ['it is about fraud', { specialist: 'fraud' }],
    ['the draft answers something else', { answersIntent: false }],
    ['the message is unusual', { traits: ['instructions'] }],
    ['nobody vouches for the sender', { authorVerified: false }],
    ['it repeats the customer', { sentences: [{ text: 'Hello', sources: [macro, quote] }] }],
    [
      'a model used the words of the customer',
      { decidedBy: 'model', sentences: [{ text: 'Order 4711', sources: [macro, order] }] },
    ],
  ])('is read by a person when %s', (_what, change) => {
    const { disposition, reasons } = dispositionOf({ ...good, ...change }, ALLOWED);
    expect(disposition).toBe('review');
    expect(reasons).toHaveLength(1);
  });

  it('never goes out by itself with any reason, below the threshold, or for an intent that is not allowed', () => {
    const any = fc.record({
      intent: fc.constantFrom('order_status', 'refund_request', ''),
      confidence: fc.double(),
      specialist: fc.constantFrom('general', 'billing', 'fraud'),
      answersIntent: fc.boolean(),
      traits: fc.subarray([
        'empty',
        'long',
        'html',
        'emoji',
        'not-english',
        'instructions',
        'links',
        'hidden',
      ] as const),
      authorVerified: fc.constantFrom(true, false, null),
      sentences: fc.constantFrom(good.sentences, [{ text: 'x', sources: [quote] }]),
      decidedBy: fc.constantFrom('model', 'analyst', 'rules'),
    });
    fc.assert(
      fc.property(any, (one) => {
        const { disposition, reasons } = dispositionOf({ ...one, traits: [...one.traits] }, ALLOWED);
        expect(disposition === 'send').toBe(reasons.length === 0);
        if (disposition !== 'send') return;
        expect(one).toMatchObject({ intent: 'order_status', answersIntent: true, traits: [] });
        expect(one.confidence).toBeGreaterThanOrEqual(ALLOWED.confidenceMin);
        expect(one.specialist).not.toBe('fraud');
        expect(one.authorVerified).not.toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
