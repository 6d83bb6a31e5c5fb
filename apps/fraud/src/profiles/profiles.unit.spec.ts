import fc from 'fast-check';
import { DAY, NOON, someFacts } from '../payment-facts.fixture.js';
import type { PaymentFacts } from '../payment-facts.js';
import { frozenBy, withOpenedCase, withoutOpen, type AccountRow } from './account-profile.js';
import { withCardPayment, cardPaymentsInWindow, type CardRow } from './card-profile.js';
import { viewOfCustomer, withPayment, type CustomerRow } from './customer-profile.js';
import { withIpPayment, viewOfIp, type IpRow } from './ip-profile.js';
import { withMerchantPayment, type MerchantRow } from './merchant-profile.js';

const payments = (count: number, over: (index: number) => Partial<PaymentFacts>): PaymentFacts[] =>
  Array.from({ length: count }, (_, index) => someFacts({ paymentId: `pi_${index}`, ...over(index) }));

describe('profiles', () => {
  it('stay small however much happens', () => {
    let customer: CustomerRow | undefined;
    let card: CardRow | undefined;
    let ip: IpRow | undefined;
    let merchant: MerchantRow | undefined;
    let account: AccountRow | undefined;
    const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'PLN', 'JPY'];
    for (const facts of payments(5_000, (index) => ({
      chargedAt: NOON + index * 3_600_000,
      currency: currencies[index % 6]!,
      deviceHash: `device_${index}`,
      cardFingerprint: `card_${index}`,
      connectedAccountId: `acct_${index}`,
    }))) {
      customer = withPayment(customer, facts);
      card = withCardPayment(card, facts);
      ip = withIpPayment(ip, facts);
      merchant = withMerchantPayment(merchant, facts);
      account = withOpenedCase(account, facts);
    }

    const bytes = [customer, card, ip, merchant, account].map((row) => JSON.stringify(row).length);
    expect(bytes[0]).toBeLessThan(5_000);
    expect(bytes[1]).toBeLessThan(1_000);
    expect(bytes[2]).toBeLessThan(2_000);
    expect(bytes[3]).toBeLessThan(1_000);
    expect(bytes[4]).toBeLessThan(12_000);
    expect(account!.open.length).toBeLessThanOrEqual(200);
  });

  it('show a payment what it would have seen at once, though later ones came before its decision', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.nat(400), amountMinor: fc.integer({ min: 1, max: 90_000 }) }), {
          minLength: 1,
          maxLength: 25,
        }),
        fc.nat(),
        (steps, pick) => {
          let at = NOON;
          const all = steps.map(({ gap, amountMinor }, index) => {
            at += gap * 1000;
            return someFacts({
              paymentId: `pi_${index}`,
              chargedAt: at,
              amountMinor,
              deviceHash: `device_${index % 3}`,
            });
          });
          const chosen = pick % all.length;
          const fold = <Row>(
            until: number,
            evolve: (row: Row | undefined, facts: PaymentFacts) => Row,
          ): Row | undefined => all.slice(0, until).reduce<Row | undefined>(evolve, undefined);
          const facts = all[chosen]!;
          const early = fold(chosen, withPayment);
          if (early)
            expect(viewOfCustomer(fold(all.length, withPayment)!, facts)).toEqual(viewOfCustomer(early, facts));
          expect(viewOfIp(fold(all.length, withIpPayment), facts)).toEqual(
            viewOfIp(fold(chosen, withIpPayment), facts),
          );
          const seen = cardPaymentsInWindow(fold(all.length, withCardPayment)!, facts);
          expect(seen).toBe(chosen === 0 ? 0 : cardPaymentsInWindow(fold(chosen, withCardPayment)!, facts));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('forget what left the window', () => {
    const [first, second] = payments(2, (index) => ({ chargedAt: NOON + index * 31 * DAY })) as [
      PaymentFacts,
      PaymentFacts,
    ];

    const view = viewOfCustomer(withPayment(undefined, first), second);

    expect(view).toMatchObject({ payments: 0, paymentsInWindow: 0, since: NOON / 1000 });
  });

  it('keep the authorisations that a freeze has to look at', () => {
    const [open, taken, refused] = payments(3, (index) => ({
      captured: index === 1,
      connectedAccountId: 'acct_1',
    })) as [PaymentFacts, PaymentFacts, PaymentFacts];
    const row = [open, taken, refused].reduce<AccountRow | undefined>(withOpenedCase, undefined);

    expect(withoutOpen(row, refused.paymentId).open.map(([id]) => id)).toEqual([open.paymentId]);
    expect(frozenBy(row, refused.paymentId, true)).toMatchObject({ open: [], held: 'acct_1' });
  });
});
