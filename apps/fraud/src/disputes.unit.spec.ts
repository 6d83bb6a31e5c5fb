import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import type { Projection } from '@towpath/event-store/projection';
import { project } from '@towpath/event-store/projection';
import { FraudService, message, type Inbound } from './fraud-service.fixture.js';
import { projections } from './fraud.module.js';
import { DAY, NOON } from './payment-facts.fixture.js';
import { charge, risky, hopeless, burst } from './fraud-messages.fixture.js';

describe('a dispute', () => {
  const dispute = (disputeId: string, reason = 'fraudulent'): Inbound =>
    message(DisputeOpened, {
      ...{ paymentId: 'pi_1', chargeId: 'ch_pi_1', disputeId, amountMinor: 4_200, currency: 'EUR', reason },
      openedAt: NOON + 9 * DAY,
    });

  it('for fraud confirms it once, with what had been decided', () => {
    const service = new FraudService().group(charge()).group(dispute('dp_1'), dispute('dp_2'));

    expect(service.all(FraudConfirmed)).toEqual([
      expect.objectContaining({ disputeId: 'dp_1', decision: 'approved', merchantId: 'shop_1', chargedAt: NOON }),
    ]);
  });

  it('for fraud that came before its charge confirms it when the case opens, once', () => {
    const service = new FraudService().group(dispute('dp_0', 'duplicate'), dispute('dp_1')).group(dispute('dp_2'));
    expect(service.all(FraudConfirmed)).toHaveLength(0);

    service.group(charge({ captured: true }), dispute('dp_3'));

    expect(service.all(FraudConfirmed)).toEqual([
      expect.objectContaining({
        disputeId: 'dp_1',
        decision: 'none',
        confirmedAt: NOON + 9 * DAY,
        merchantId: 'shop_1',
      }),
    ]);
    expect(service.all(PaymentApproved)).toHaveLength(1);
  });

  it('for another reason confirms nothing', () => {
    expect(new FraudService().group(charge()).group(dispute('dp_1', 'duplicate')).all(FraudConfirmed)).toHaveLength(0);
  });
});

describe('projections', () => {
  it('equal a replay of the events', () => {
    const service = new FraudService().group(...burst(9, { connectedAccountId: 'acct_1' })).pass(0);
    service.group(
      hopeless({ paymentId: 'pi_x', accountId: 'cus_2' }),
      risky({ paymentId: 'pi_y', accountId: 'cus_3' }),
    );

    for (const one of projections as readonly Projection<unknown>[]) {
      const replayed = JSON.parse(JSON.stringify([...project(one, service.events())])) as unknown;
      expect([...service.rowsOf(one)].sort()).toEqual((replayed as [string, unknown][]).sort());
    }
  });
});
