import fc from 'fast-check';
import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { FraudService, message, type Inbound } from './fraud-service.fixture.js';
import { aCharge, NOON } from './payment-facts.fixture.js';

type Decision = PaymentApproved | PaymentBlocked | PaymentHeldForReview;

/** What was decided, of each payment, in order of payment; and what was asked of the provider. */
function outcomesOf(service: FraudService): unknown {
  const decisions = [PaymentApproved, PaymentHeldForReview, PaymentBlocked].flatMap((contract) =>
    (service.all(contract) as Decision[]).map(({ paymentId, score, signals, decidedBy, missing }) => ({
      ...{ paymentId, outcome: contract.name, score, signals, decidedBy, missing },
    })),
  );
  const commands = [CapturePayment, CancelPayment].flatMap((contract) =>
    service.all(contract).map(({ paymentId }) => `${contract.name} ${paymentId}`),
  );
  const frozen = service.all(AccountFrozen).map(({ accountId, paymentId }) => `${accountId} ${paymentId}`);
  const byPayment = decisions.sort((a, b) => a.paymentId.localeCompare(b.paymentId));
  return { decisions: byPayment, commands: commands.sort(), frozen };
}

function inGroups(messages: readonly Inbound[], sizes: readonly number[]): FraudService {
  const service = new FraudService();
  let at = 0;
  for (let turn = 0; at < messages.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    service.group(...messages.slice(at, at + size));
    at += size;
  }
  return service.pass(5_000, sizes[0]);
}

const thirty = (over: Parameters<typeof aCharge>[0] = {}): Inbound[] =>
  Array.from({ length: 30 }, (_, index) =>
    message(
      ChargeSucceeded,
      aCharge({ paymentId: `pi_${index}`, chargedAt: NOON + Math.floor(index / 4) * 1_000, ...over }),
    ),
  );

describe('thirty rapid-fire payments', () => {
  it('get the same decisions in one group as one by one', () => {
    const payments = thirty();

    const together = outcomesOf(inGroups(payments, [30]));

    expect(together).toEqual(outcomesOf(inGroups(payments, [1])));
    expect(together).toMatchObject({ frozen: ['cus_1 pi_6'] });
  });

  it('that all wait for their context get the same decisions in one group as one by one', () => {
    const payments = thirty({ ipHash: null, deviceHash: null });

    const together = outcomesOf(inGroups(payments, [30]));

    expect(together).toEqual(outcomesOf(inGroups(payments, [1])));
    expect(together).toMatchObject({ frozen: ['cus_1 pi_6'] });
  });

  it('whose context is fetched get the same decisions in one group as one by one', () => {
    const payments = thirty({ ipHash: null, deviceHash: null });
    const answers = payments.map((_, index) =>
      message(PaymentContextFetched, {
        ...{
          paymentId: `pi_${index}`,
          accountId: 'cus_1',
          ip: null,
          ipHash: 'ip_9',
          deviceHash: `device_${index % 3}`,
        },
        ...{ knownCardFingerprint: 'card_1', knownIpHash: null, knownMerchantId: 'shop_1', merchantId: null },
        ...{ riskLevel: null, cardCountry: null, customerCreatedAt: null, providerReviewOpen: false, fetchedAt: NOON },
      }),
    );

    const together = inGroups([...payments, ...answers], [60]);

    expect(outcomesOf(together)).toEqual(outcomesOf(inGroups([...payments, ...answers], [1])));
    expect(together.all(FraudCaseEnriched)).toHaveLength(30);
    const canceled = together.all(CancelPayment).map(({ paymentId }) => paymentId);
    expect(new Set(canceled).size).toBe(canceled.length);
  });

  it('of several customers, cards, addresses and shops get the same decisions in any grouping', () => {
    const payment = fc.record({
      customer: fc.nat(2),
      card: fc.nat(3),
      ip: fc.nat(3),
      gap: fc.nat(90),
      amountMinor: fc.integer({ min: 100, max: 60_000 }),
      lacks: fc.boolean(),
      captured: fc.boolean(),
      guest: fc.nat(5).map((n) => n === 0),
    });
    fc.assert(
      fc.property(
        fc.array(payment, { minLength: 5, maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
        (payments, sizes) => {
          let at = NOON;
          const messages = payments.map(({ customer, card, ip, gap, amountMinor, lacks, captured, guest }, index) => {
            at += gap * 1_000;
            const paymentId = `pi_${String(index).padStart(2, '0')}`;
            const customerId = guest ? null : `cus_${customer}`;
            const accountId = customerId ?? `guest_${paymentId}`;
            const who = {
              paymentId,
              accountId,
              customerId,
              cardFingerprint: `card_${card}`,
              merchantId: `shop_${card}`,
            };
            const context = lacks ? { ipHash: null } : { ipHash: `ip_${ip}` };
            return message(ChargeSucceeded, aCharge({ ...who, ...context, amountMinor, captured, chargedAt: at }));
          });
          expect(outcomesOf(inGroups(messages, sizes))).toEqual(outcomesOf(inGroups(messages, [1])));
        },
      ),
      { numRuns: 60 },
    );
  });
});
