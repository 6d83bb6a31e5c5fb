import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { SECONDS_PER_DAY } from '../payment-facts.js';
import { asStripeDelivery } from './as-stripe-delivery.js';
import { cardPayments, type CardPayment } from './card-payments.js';
import { atThreshold, ranking } from './ranking.js';
import { LABEL_DELAY_SECONDS, Replay } from './replay.js';
import { runEval } from './run-eval.js';

/** Payments of a few customers at a few terminals, one of which is compromised; small numbers from a fixed sequence. */
function somePayments(count: number): CardPayment[] {
  let seed = 7;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  return Array.from({ length: count }, (_, index) => {
    const terminal = next(8);
    const large = next(40) === 0;
    return {
      line: index + 2,
      seconds: 100 * SECONDS_PER_DAY + index * 2_400,
      customer: String(next(12)),
      terminal: String(terminal),
      amountMinor: large ? 30_000 : 2_000 + next(4_000),
      fraud: large || (terminal === 3 && index > 300),
    };
  });
}

const scoresOf = (payments: readonly CardPayment[]): number[] => {
  const replay = new Replay();
  return payments.map((payment) => replay.score(payment).score);
};

describe('replay', () => {
  it('keeps every score when all labels of the last 7 days before its payment are permuted', () => {
    const payments = somePayments(1_500);
    const scores = scoresOf(payments);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: payments.length - 1 }), fc.infiniteStream(fc.boolean()), (at, labels) => {
        const from = payments[at]!.seconds - LABEL_DELAY_SECONDS;
        const permuted = payments
          .slice(0, at + 1)
          .map((one) => (one.seconds > from ? { ...one, fraud: labels.next().value as boolean } : one));
        expect(scoresOf(permuted)[at]).toBe(scores[at]);
      }),
      { numRuns: 40 },
    );
  });

  it('learns from labels once they are 7 days old', () => {
    const payments = somePayments(1_500);
    const unlabelled = payments.map((one) => ({ ...one, fraud: false }));

    expect(scoresOf(payments)).not.toEqual(scoresOf(unlabelled));
  });

  it('gives the same scores when all payments move by whole days', () => {
    const payments = somePayments(800);

    const moved = payments.map((one) => ({ ...one, seconds: one.seconds + 400 * SECONDS_PER_DAY }));

    expect(scoresOf(moved)).toEqual(scoresOf(payments));
  });
});

describe('asStripeDelivery', () => {
  it('says what the row says and nothing else', () => {
    const [payment] = somePayments(1) as [CardPayment];

    const delivery = asStripeDelivery(payment, 2) as { data: { object: Record<string, unknown> }; type: string };

    expect(delivery.type).toBe('charge.succeeded');
    expect(delivery.data.object).toMatchObject({
      payment_intent: 'pi_row2',
      amount: payment.amountMinor,
      currency: 'eur',
      customer: `cus_${payment.customer}`,
      metadata: { terminal: `term_${payment.terminal}` },
      created: payment.seconds + 2 * SECONDS_PER_DAY,
    });
  });
});

describe('ranking', () => {
  it('measures average precision with ties as one threshold', () => {
    expect(ranking([3, 2, 1, 0], [1, 1, 0, 0])).toEqual({ aucPr: 1, precisionAtRecall60: 1 });
    expect(ranking([1, 1, 1, 1], [1, 0, 0, 0]).aucPr).toBe(0.25);
    expect(ranking([4, 3, 2, 1], [1, 0, 1, 0])).toEqual({ aucPr: (1 + 2 / 3) / 2, precisionAtRecall60: 2 / 3 });
  });

  it('counts alerts at a threshold', () => {
    expect(atThreshold([4, 3, 2, 1], [1, 0, 1, 0], 3)).toEqual({ precision: 0.5, recall: 0.5, alerts: 2 });
  });
});

describe('eval', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fraud-eval-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const fileOf = (name: string, text: string): string => {
    const file = join(folder, name);
    writeFileSync(file, name.endsWith('.gz') ? gzipSync(text) : text);
    return file;
  };
  const HEADER = 'time_s,customer,terminal,amount,fraud,scenario';
  const text = [
    HEADER,
    ...somePayments(1_500).map((one) =>
      [one.seconds, one.customer, one.terminal, (one.amountMinor / 100).toFixed(2), one.fraud ? 1 : 0, 0].join(','),
    ),
  ].join('\n');

  it('judges the last days and writes row, score and label of each', async () => {
    const data = fileOf('payments.csv.gz', text);

    const result = await runEval({ data, testDays: 7, out: join(folder, 'out'), progress: () => undefined });

    const lines = readFileSync(result.scoresFile, 'utf8').trim().split('\n');
    expect(lines[0]).toBe('row,score,label');
    expect(lines).toHaveLength(result.testRows + 1);
    expect(result.rows).toBe(1_500);
    expect(result.testRows).toBeLessThan(300);
    expect(result.aucPr).toBeGreaterThan(3 * (result.testFrauds / result.testRows));
    expect(lines.at(-1)).toMatch(/^1501,-?\d+(\.\d+)?,[01]$/);
  });

  it.each([
    ['1,2,3,4', '4 fields instead of 6'],
    ['x,1,1,5.00,0,0', 'time_s is not a whole number'],
    ['9000000,1,1,-5,0,0', 'amount is not a number'],
    ['9000000,1,1,5.00,2,0', 'fraud is neither 0 nor 1'],
    ['9000000,,1,5.00,1,0', 'customer or terminal is empty'],
  ])('names the line of a bad row: %s', async (row, problem) => {
    const data = fileOf('bad.csv', `${HEADER}\n8999999,1,1,5.00,0,0\n${row}\n`);
    const read = async (): Promise<void> => {
      for await (const _payment of cardPayments(data));
    };

    await expect(read()).rejects.toThrow(new RegExp(`bad.csv, line 3: ${problem}`));
  });

  it('refuses rows out of order, a missing column and a missing file', async () => {
    const options = { testDays: 1, out: folder, progress: () => undefined };
    const unsorted = fileOf('unsorted.csv', `${HEADER}\n9000000,1,1,5.00,0,0\n8000000,1,1,5.00,0,0\n`);
    const bare = fileOf('bare.csv', 'time_s,amount\n1,2\n');

    await expect(runEval({ ...options, data: unsorted })).rejects.toThrow('line 3: time_s 8000000 is before 9000000');
    await expect(runEval({ ...options, data: bare })).rejects.toThrow('no column customer, terminal, fraud');
    await expect(runEval({ ...options, data: join(folder, 'none.csv') })).rejects.toThrow('no such file');
  });
});
