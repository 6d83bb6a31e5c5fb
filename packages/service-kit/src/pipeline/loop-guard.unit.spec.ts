import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { emit } from '../message.js';
import fc from 'fast-check';
import { HOPS_MAX, loopIn, REPEATS_MAX } from './loop-guard.decider.js';
import { itemOf, processorOn, RecordingStore } from './pipeline.fixture.js';
import type { BoundHandler, Item } from './item.js';
import { DEFAULT_RETRY } from './retry.decider.js';

const steps = fc.constantFrom('A@1', 'A@2', 'B@1', 'C@3');
const paths = fc.array(steps, { maxLength: 63 });

describe('the loop guard', () => {
  it('refuses exactly what stands too often in one path or is too long, at any limit', () => {
    const max = fc.option(fc.integer({ min: 6, max: 64 }), { nil: undefined });
    fc.assert(
      fc.property(paths, steps, fc.nat(80), max, (path, step, hops, raised) => {
        const contract = raised === undefined ? {} : { repeats: { max: raised, reason: 'r' } };
        const times = path.filter((one) => one === step).length + 1;
        const isLoop = hops + 1 > HOPS_MAX || times > (raised ?? REPEATS_MAX);
        expect(loopIn({ hops, path, step, contract }) !== null).toBe(isLoop);
      }),
    );
  });

  it('ends every endless loop within 64 steps, whatever its length', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 70 }),
        (cycle) => {
          const path: string[] = [];
          let step = cycle[0]!;
          while (loopIn({ hops: path.length, path: path.slice(-HOPS_MAX), step, contract: {} }) === null) {
            path.push(step);
            step = cycle[path.length % cycle.length]!;
          }
          expect(path.length).toBe(Math.min(HOPS_MAX, cycle.length * REPEATS_MAX));
        },
      ),
    );
  });

  it('ends a trap of two real handlers as one LOOP dead letter with its path, and nothing goes on (F32)', async () => {
    const store = new RecordingStore();
    const processor = processorOn(store);
    // Each handler answers the other's message for ever; what is appended comes back, as the relay would bring it.
    const a = handler('AnswerWithB', [CapturePayment], CapturePayment);
    const b = handler('AnswerWithA', [PaymentCanceled], PaymentCanceled);
    let item: Item | undefined = { ...itemOf('start', 'pi_1'), handler: a };
    let rounds = 0;
    for (; item && rounds < 100; rounds += 1) {
      await processor.process([item]);
      const event = store.commits.at(-1)?.events?.at(-1);
      const next: BoundHandler | undefined =
        event?.type === CapturePayment.type ? b : event?.type === PaymentCanceled.type ? a : undefined;
      item = event && next && messageOf(event, next);
    }
    const letters = store.appended().filter(({ type }) => type.endsWith('DeadLettered'));
    expect(letters).toHaveLength(1);
    expect(rounds).toBe(2 * REPEATS_MAX + 1);
    expect(letters[0]!.data).toMatchObject({
      reason: 'LOOP',
      path: expect.stringMatching(/^\(AnswerWithB@(\w{8}) → AnswerWithA@\1\) × 5 → AnswerWithB@\1$/) as string,
    });
  });
});

function handler(
  name: string,
  emits: BoundHandler['emits'],
  contract: typeof CapturePayment | typeof PaymentCanceled,
): BoundHandler {
  const emission =
    contract === CapturePayment
      ? emit(CapturePayment, {
          paymentId: 'pi_1',
          accountId: 'pi_1',
          amountMinor: 1,
          currency: 'eur',
          reason: 'r',
        } as never)
      : emit(PaymentCanceled, { paymentId: 'pi_1', reason: null, canceledAt: 0 });
  const rules = { decrypts: false, retry: DEFAULT_RETRY, strict: false };
  return { name, contract: PaymentCanceled, emits, ...rules, instance: { handle: () => [emission] } };
}

type Appended = NonNullable<RecordingStore['commits'][number]['events']>[number];

function messageOf(event: Appended, next: BoundHandler): Item {
  const { id, type, data, metadata } = event;
  const { correlationId, causationId, hops, path } = metadata;
  const about = { id, type, data, subject: 'pi_1', source: '/services/x', time: new Date(0), traceparent: null };
  return {
    message: { ...about, correlationId, causationId, hops, path: path ?? [] },
    handler: next,
    orderKey: 'pi_1',
    inbox: { id, fingerprint: Buffer.from(id) },
    attempts: 0,
  };
}
