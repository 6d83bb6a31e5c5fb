import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { stripeEvent } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { decisionsOf, type SeenDecision } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';
import { asStripeDelivery } from '../apps/fraud/src/eval/as-stripe-delivery.js';
import type { CardPayment } from '../apps/fraud/src/eval/card-payments.js';
import { LABEL_DELAY_SECONDS, Replay } from '../apps/fraud/src/eval/replay.js';
import type { Assessment } from '../apps/fraud/src/score.decider.js';

const ROWS = 1_000;
const CUSTOMERS = 80;
const TERMINALS = 40;
const SECONDS_APART = 2_600;
const DECIDED_MS_MAX = 60_000;

jest.setTimeout(420_000);

/**
 * Rows of the shape of the card data over 30 days: customers with a habit, some sudden large amounts, one compromised terminal.
 * Small numbers from a fixed sequence, so that a failure comes back.
 */
function someRows(): CardPayment[] {
  let state = 11;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  return Array.from({ length: ROWS }, (_, index) => {
    const terminal = next(10) === 0 ? 3 : next(TERMINALS);
    const customer = next(CUSTOMERS);
    const large = next(25) === 0;
    return {
      line: index + 2,
      seconds: 19_000 * 86_400 + index * SECONDS_APART,
      customer: String(customer),
      terminal: String(terminal),
      amountMinor: large ? 24_000 : 1_500 + customer * 40 + next(1_500),
      fraud: large || (terminal === 3 && index > 150 && index < 600),
    };
  });
}

/** A row to pay, or the dispute of an earlier one that is known from now on. */
type Step = { readonly pay: CardPayment } | { readonly dispute: CardPayment };

/** Steps that may be sent at once: nobody pays twice in one, and labels come between those that may not see them and those that may. */
function wavesOf(rows: readonly CardPayment[]): Step[][] {
  const waves: Step[][] = [];
  let wave: Step[] = [];
  let payers = new Set<string>();
  const close = (): void => {
    if (wave.length > 0) waves.push(wave);
    wave = [];
    payers = new Set();
  };
  const frauds = rows.filter(({ fraud }) => fraud);
  let labelled = 0;
  for (const row of rows) {
    const due: Step[] = [];
    while (labelled < frauds.length && frauds[labelled]!.seconds <= row.seconds - LABEL_DELAY_SECONDS) {
      due.push({ dispute: frauds[labelled]! });
      labelled += 1;
    }
    if (due.length > 0) {
      close();
      waves.push(due);
    }
    if (payers.has(row.customer)) close();
    payers.add(row.customer);
    wave.push({ pay: row });
  }
  close();
  return waves;
}

describe('1,000 card payments sent through ingress', () => {
  const run = `parity${randomBytes(4).toString('hex')}`;
  const rows = someRows();
  let platform: TestPlatform;
  let offline: Assessment[];
  let online: Map<string, SeenDecision>;

  beforeAll(async () => {
    const replay = new Replay();
    offline = rows.map((row) => replay.score(row));
    platform = await attachPlatform();
    await sendAll(new Deliveries(platform));
    const decisions = await decisionsOf(platform.inspector, `pi_${run}`);
    online = new Map(decisions.map((decision) => [decision.paymentId, decision]));
    expect(decisions).toHaveLength(ROWS);
  }, ATTACH_MS_MAX + 400_000);

  afterAll(() => platform?.release());

  async function sendAll(deliveries: Deliveries): Promise<void> {
    let paid = 0;
    let labels = 0;
    for (const wave of wavesOf(rows)) {
      await Promise.all(wave.map((step) => deliveries.sendLikeStripe(bodyOf(step))));
      for (const step of wave) {
        if ('pay' in step) paid += 1;
        else labels += 1;
      }
      expect(await count(decisionTypes, paid)).toBe(paid);
      expect(await count(['fraud.v1.FraudConfirmed'], labels)).toBe(labels);
    }
  }

  const decisionTypes = ['fraud.v1.PaymentApproved', 'fraud.v1.PaymentHeldForReview', 'fraud.v1.PaymentBlocked'];

  async function count(types: readonly string[], wanted: number): Promise<number> {
    const ask = async (): Promise<number> => {
      const [row] = await platform.inspector.query<{ n: number }>(
        "select count(*)::int as n from fraud.events where type = any($1) and starts_with(data ->> 'paymentId', $2)",
        [types, `pi_${run}`],
      );
      return row!.n;
    };
    return untilEnough(ask, (n) => n >= wanted, DECIDED_MS_MAX, 20);
  }

  /** Ids that no other run has used; nothing else of a row changes. */
  function bodyOf(step: Step): string {
    if ('pay' in step)
      return JSON.stringify(asStripeDelivery(step.pay)).replace(/"(evt|pi|ch|cus|term)_/g, `"$1_${run}_`);
    const { line, amountMinor } = step.dispute;
    const about = { charge: `ch_${run}_row${line}`, amount: amountMinor, currency: 'eur', reason: 'fraudulent' };
    const dispute = { id: `dp_${run}_${line}`, object: 'dispute', ...about };
    return stripeEvent(`evt_${run}_dispute${line}`, 'charge.dispute.created', dispute, '').body;
  }

  const onlineOf = ({ line }: CardPayment): SeenDecision => online.get(`pi_${run}_row${line}`)!;

  it('get the same scores and outcomes as in the evaluation', () => {
    const differing = rows.flatMap((row, index) => {
      const [then, now] = [offline[index]!, onlineOf(row)];
      return then.score === now.score && then.outcome === now.kind ? [] : [{ line: row.line, then, now }];
    });

    expect(differing.slice(0, 3)).toEqual([]);
    expect(differing).toHaveLength(0);
  });

  it('get them from the same signals with the same values', () => {
    for (const [index, row] of rows.entries()) {
      const told = (signals: SeenDecision['signals']): string[] =>
        signals.map(({ name, value, points }) => `${name} ${value} ${points}`);
      expect(told(onlineOf(row).signals)).toEqual(told(offline[index]!.signals));
    }
  });

  it('show every outcome and every signal of the data, or the comparison would say little', () => {
    const outcomes = new Set(offline.map(({ outcome }) => outcome));
    const scoring = new Set(
      offline.flatMap(({ signals }) => signals.filter(({ points }) => points > 0).map(({ name }) => name)),
    );

    expect(outcomes).toEqual(new Set(['approved', 'held', 'blocked']));
    expect([...scoring].sort()).toEqual(
      expect.arrayContaining(['amount-band', 'amount-vs-history', 'merchant-frauds', 'recent-spikes']),
    );
  });
});
