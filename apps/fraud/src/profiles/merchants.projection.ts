import { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { withMerchantFraud, withMerchantPayment, type MerchantRow } from './merchant-profile.js';

/** Payments and confirmed frauds at each terminal or merchant. */
export const merchants = projection<MerchantRow>({
  name: 'merchants',
  keysOf: (event) => {
    const known = isOf(FraudCaseOpened, event) || isOf(FraudCaseEnriched, event) || isOf(FraudConfirmed, event);
    return known && event.data.merchantId !== null ? [event.data.merchantId] : [];
  },
  evolve: (row, event) => {
    if (isOf(FraudCaseOpened, event) || isOf(FraudCaseEnriched, event)) return withMerchantPayment(row, event.data);
    if (isOf(FraudConfirmed, event)) return withMerchantFraud(row, event.data.chargedAt);
    return row;
  },
});
