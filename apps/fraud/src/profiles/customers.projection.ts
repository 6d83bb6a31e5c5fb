import { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { isGuest } from '../payment-facts.js';
import { withFetchedDevice, withFraud, withPayment, type CustomerRow } from './customer-profile.js';

/** What each customer did; guests have no history. */
export const customers = projection<CustomerRow>({
  name: 'customers',
  personal: { keysOf: (subject) => [subject] },
  keysOf: (event) => {
    // Of what a provider adds only a device belongs to the customer.
    const enriched = isOf(FraudCaseEnriched, event) && event.data.deviceHash !== null;
    if (!isOf(FraudCaseOpened, event) && !isOf(FraudConfirmed, event) && !enriched) return [];
    return isGuest(event.data.accountId) ? [] : [event.data.accountId];
  },
  evolve: (row, event) => {
    if (isOf(FraudCaseOpened, event)) return withPayment(row, event.data);
    if (isOf(FraudCaseEnriched, event) && row) return withFetchedDevice(row, event.data);
    if (isOf(FraudConfirmed, event) && row) return withFraud(row, event.data);
    return row;
  },
});
