import { CreditIssued } from '@towpath/contracts/commerce/CreditIssued.v1';
import { IssueCredit } from '@towpath/contracts/commerce/IssueCredit.v1';
import { OrderCharged } from '@towpath/contracts/commerce/OrderCharged.v1';
import { OrderPaid } from '@towpath/contracts/commerce/OrderPaid.v1';
import { PostRefund } from '@towpath/contracts/commerce/PostRefund.v1';
import { ProviderReturnDue } from '@towpath/contracts/commerce/ProviderReturnDue.v1';
import { RefundPosted } from '@towpath/contracts/commerce/RefundPosted.v1';
import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { RefundReleased } from '@towpath/contracts/commerce/RefundReleased.v1';
import { RefundReserved } from '@towpath/contracts/commerce/RefundReserved.v1';
import { ReleaseRefund } from '@towpath/contracts/commerce/ReleaseRefund.v1';
import { ReserveRefund } from '@towpath/contracts/commerce/ReserveRefund.v1';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { DisputeClosed } from '@towpath/contracts/payments/DisputeClosed.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { PaymentRefunded } from '@towpath/contracts/payments/PaymentRefunded.v1';
import { PageOnCall } from '@towpath/contracts/pages/PageOnCall.v1';
import { AlertRaised } from '@towpath/contracts/platform/AlertRaised.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { Handler } from '@towpath/service-kit/handles';
import fc from 'fast-check';
import { CommerceWorld, NOON } from '../commerce-world.fixture.js';
import { EnterProviderReturn } from './enter-provider-return.handler.js';
import { IssueCreditHandler } from './issue-credit.handler.js';
import { NoteDisputeEnd } from './note-dispute-end.handler.js';
import { NoteDispute } from './note-dispute.handler.js';
import { NoteProviderRefund } from './note-provider-refund.handler.js';
import { orderLedger } from './order-ledger.js';
import { leftMinor } from './order-money.js';
import { PostRefundHandler } from './post-refund.handler.js';
import { ReleaseRefundHandler } from './release-refund.handler.js';
import { ReserveRefundHandler } from './reserve-refund.handler.js';

const about = { orderId: 'order_1', customerId: 'contact_1', accountId: 'cus_1' };

class Books extends CommerceWorld {
  paid(amountMinor: number, currency = 'EUR'): this {
    const charged = { paymentId: 'pi_1', provider: 'stripe', chargedAt: NOON };
    const { customerId: _customer, ...order } = about;
    return this.told(emit(OrderCharged, { ...order, ...charged })).paidSomehow(amountMinor, currency);
  }

  /** Nobody said yet who took the money. */
  paidSomehow(amountMinor: number, currency = 'EUR'): this {
    return this.told(emit(OrderPaid, { ...about, amountMinor, currency, paidAt: NOON }));
  }

  reserve(refundId: string, amountMinor: number | null = null, currency = 'EUR'): this {
    const command = { refundId, orderId: 'order_1', amountMinor, currency };
    return this.receive(new ReserveRefundHandler(), ReserveRefund, command);
  }

  release(refundId: string): this {
    return this.receive(new ReleaseRefundHandler(), ReleaseRefund, { refundId, orderId: 'order_1', reason: 'spec' });
  }

  post(refundId: string, method = 'gateway'): this {
    const command = { refundId, orderId: 'order_1', method, provider: 'stripe', reference: `re_${refundId}` };
    return this.receive(new PostRefundHandler(), PostRefund, command);
  }

  credit(refundId: string, amountMinor: number, over: Partial<IssueCredit> = {}): this {
    const command = {
      refundId,
      orderId: 'order_1',
      customerId: 'contact_1',
      amountMinor,
      currency: 'EUR',
      reason: 'spec',
    };
    return this.receive(new IssueCreditHandler(), IssueCredit, { ...command, ...over });
  }

  /** A provider's word, and what is due of it. */
  provider<C extends Contract>(handler: Handler<C, readonly Contract[]>, contract: C, data: DataOf<C>): this {
    this.receive(handler, contract, data);
    for (const one of this.due.splice(0)) {
      this.receive(new EnterProviderReturn(), ProviderReturnDue, one.data as ProviderReturnDue);
    }
    return this;
  }

  refundedAtProvider(amountRefundedMinor: number): this {
    const data = { paymentId: 'pi_1', chargeId: null, amountRefundedMinor, currency: 'EUR', refundedAt: NOON };
    return this.provider(new NoteProviderRefund(), PaymentRefunded, data);
  }

  get left(): number {
    return leftMinor(this.of(orderLedger, 'order_1'));
  }

  private told(emission: Emission): this {
    const handler: Handler<Contract, readonly Contract[]> = { handle: () => [emission] };
    return this.receive(handler, emission.contract, emission.data);
  }
}

describe('a refund', () => {
  it('of all that is left is set aside before anybody pays it', () => {
    const world = new Books().paid(5_000).reserve('r1');
    expect(world.last(RefundReserved)).toMatchObject({
      ...{ refundId: 'r1', amountMinor: 5_000, leftMinor: 0, paymentId: 'pi_1', customerId: 'contact_1' },
      repeated: false,
    });
    expect(world.left).toBe(0);
  });

  it.each<[string, (world: Books) => Books]>([
    ['NOT_PAID', (world) => world.reserve('r1', 100)],
    ['NOT_PAID', (world) => world.paidSomehow(5_000).reserve('r1', 100)],
    ['EXCEEDS_PAID', (world) => world.paid(5_000).reserve('r1', 5_001)],
    ['EXCEEDS_PAID', (world) => world.paid(5_000).reserve('r1', 3_000).reserve('r2', 2_001)],
    ['NOTHING_LEFT', (world) => world.paid(5_000).reserve('r1').reserve('r2')],
    ['NOTHING_LEFT', (world) => world.paid(5_000).reserve('r1').post('r1').reserve('r2', 1)],
    ['CURRENCY_DIFFERS', (world) => world.paid(5_000).reserve('r1', 100, 'USD')],
    ['AMOUNT_INVALID', (world) => world.paid(5_000).reserve('r1', 0)],
    ['AMOUNT_INVALID', (world) => world.paid(5_000).reserve('r1', -100)],
    ['REFUND_DIFFERS', (world) => world.paid(5_000).reserve('r1', 100).reserve('r1', 200)],
    ['REFUND_RELEASED', (world) => world.paid(5_000).release('r1').reserve('r1', 100)],
    ['REFUND_RELEASED', (world) => world.paid(5_000).reserve('r1', 100).release('r1').reserve('r1', 100)],
  ])('is refused: %s', (code, act) => {
    expect(act(new Books()).last(RefundRefused)).toMatchObject({ code });
  });

  it('that is asked for again is answered as before and set aside once', () => {
    const world = new Books().paid(5_000).reserve('r1', 2_000).reserve('r1', 2_000).reserve('r1');
    expect(
      world.all(RefundReserved).map(({ amountMinor, repeated, leftMinor: left }) => [amountMinor, repeated, left]),
    ).toEqual([
      [2_000, false, 3_000],
      [2_000, true, 3_000],
      [2_000, true, 3_000],
    ]);
  });

  it('that is given up leaves its money to others', () => {
    const world = new Books().paid(5_000).reserve('r1').release('r1').release('r1').reserve('r2');
    expect(world.all(RefundReleased).map(({ amountMinor }) => amountMinor)).toEqual([5_000, 0]);
    expect(world.last(RefundReserved)).toMatchObject({ refundId: 'r2', amountMinor: 5_000 });
  });

  it('that was paid is one entry of the ledger, and is not given up any more', () => {
    const world = new Books().paid(5_000).reserve('r1', 2_000).post('r1').post('r1').release('r1');
    expect(world.all(RefundPosted)).toMatchObject([
      {
        ...{ entryId: 'refund:r1', amountMinor: 2_000, refundedMinor: 2_000, paidMinor: 5_000, repeated: false },
        ...{ debitAccount: 'sales-returns', creditAccount: 'cash:stripe' },
      },
      { entryId: 'refund:r1', refundedMinor: 2_000, repeated: true },
    ]);
    expect(world.left).toBe(3_000);
  });

  it('that nothing was set aside for is not entered', () => {
    expect(new Books().paid(5_000).post('r1').last(RefundRefused)).toMatchObject({ code: 'NOT_SET_ASIDE' });
  });
});

describe('what goes back at the provider by another hand', () => {
  it('can not go back again', () => {
    const world = new Books().paid(5_000).refundedAtProvider(2_000);
    expect(world.left).toBe(3_000);
    expect(world.reserve('r1', 3_001).last(RefundRefused)).toMatchObject({ code: 'EXCEEDS_PAID', leftMinor: 3_000 });
  });

  it('is our own refund where we asked for it, and counts once when that is entered', () => {
    const world = new Books().paid(5_000).reserve('r1', 2_000).refundedAtProvider(2_000);
    expect(world.left).toBe(1_000);
    expect(world.post('r1').left).toBe(3_000);
  });

  it('counts beside what an alternate gateway paid', () => {
    const world = new Books()
      .paid(5_000)
      .reserve('r1', 2_000)
      .post('r1', 'alternate-gateway')
      .refundedAtProvider(1_000);
    expect(world.left).toBe(2_000);
  });

  it('never counts less than before when deliveries overtake each other', () => {
    expect(new Books().paid(5_000).refundedAtProvider(3_000).refundedAtProvider(1_000).left).toBe(2_000);
  });

  it('comes back with a dispute that is won', () => {
    const dispute = { paymentId: 'pi_1', chargeId: 'ch_1', disputeId: 'dp_1' };
    const withdrawn = { ...dispute, amountMinor: 4_000, currency: 'EUR', withdrawnAt: NOON };
    const world = new Books().paid(5_000).provider(new NoteDispute(), DisputeFundsWithdrawn, withdrawn);
    expect(world.left).toBe(1_000);
    const closed = (status: string) => ({ ...dispute, status, closedAt: NOON });
    expect(world.provider(new NoteDisputeEnd(), DisputeClosed, closed('lost')).left).toBe(1_000);
    expect(world.provider(new NoteDisputeEnd(), DisputeClosed, closed('won')).left).toBe(5_000);
  });

  it('of a payment of no order concerns nobody', () => {
    expect(new Books().refundedAtProvider(1_000).names()).toEqual([]);
  });
});

describe('a credit', () => {
  it('is given once for what no gateway would pay, and whoever is on call is told', () => {
    const world = new Books().paid(5_000).reserve('r1', 2_000).credit('r1', 2_000).credit('r1', 2_000);
    expect(world.all(CreditIssued).map(({ balanceMinor, repeated }) => [balanceMinor, repeated])).toEqual([
      [2_000, false],
      [2_000, true],
    ]);
    expect(world.all(AlertRaised)).toMatchObject([{ name: 'RefundCredited', subject: 'order_1', sampleId: 'r1' }]);
    expect(world.all(PageOnCall)).toMatchObject([{ pageId: 'refund-credited_r1', subjectId: 'order_1' }]);
  });

  it('adds to what the customer has', () => {
    const world = new Books().paid(5_000).reserve('r1', 2_000).credit('r1', 2_000).post('r1', 'credit');
    world.reserve('r2', 500).credit('r2', 500);
    expect(world.last(CreditIssued)).toMatchObject({ creditId: 'r2', balanceMinor: 2_500 });
  });

  it.each<[string, (world: Books) => Books]>([
    ['nothing was set aside for', (world) => world.credit('r1', 2_000)],
    ['of more than was set aside', (world) => world.reserve('r1', 1_000).credit('r1', 2_000)],
    ['of a refund that was given up', (world) => world.reserve('r1', 2_000).release('r1').credit('r1', 2_000)],
    ['of a refund that was paid', (world) => world.reserve('r1', 2_000).post('r1').credit('r1', 2_000)],
    ['for somebody else', (world) => world.reserve('r1', 2_000).credit('r1', 2_000, { customerId: 'contact_2' })],
    ['in another currency', (world) => world.reserve('r1', 2_000).credit('r1', 2_000, { currency: 'USD' })],
  ])('%s is refused', (_what, act) => {
    const world = act(new Books().paid(5_000));
    expect(world.last(RefundRefused)).toMatchObject({ code: 'NOT_SET_ASIDE' });
    expect(world.all(CreditIssued)).toEqual([]);
  });
});

describe('parallel partial refunds', () => {
  it('never give back more than was paid, in whatever order their steps fall', () => {
    const refundId = fc.constantFrom('r1', 'r2', 'r3', 'r4');
    const step = fc.oneof(
      fc.tuple(fc.constant('reserve' as const), refundId, fc.option(fc.integer({ min: 1, max: 60 }))),
      fc.tuple(fc.constantFrom('release' as const, 'post' as const), refundId, fc.constant(null)),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.constantFrom('gateway', 'alternate-gateway'),
        (steps, method) => {
          const world = new Books().paid(100);
          for (const [kind, id, amount] of steps) {
            if (kind === 'reserve') world.reserve(id, amount);
            else if (kind === 'post') world.post(id, method);
            else world.release(id);
          }
          const posted = world.all(RefundPosted).filter(({ repeated }) => !repeated);
          const sum = posted.reduce((total, { amountMinor }) => total + amountMinor, 0);
          expect(sum).toBeLessThanOrEqual(100);
          expect(new Set(posted.map(({ refundId: id }) => id)).size).toBe(posted.length);
          expect(posted.at(-1)?.refundedMinor ?? 0).toBe(sum);
        },
      ),
    );
  });
});
