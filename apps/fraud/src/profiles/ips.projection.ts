import { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { withFailedIpAttempt, withIpPayment, type IpRow } from './ip-profile.js';

/** Recent payments from each address, by its keyed hash; attempts that failed count, too. */
export const ips = projection<IpRow>({
  name: 'ips',
  keysOf: (event) => {
    const known = isOf(FraudCaseOpened, event) || isOf(FraudCaseEnriched, event) || isOf(FraudCaseUpdated, event);
    return known && event.data.ipHash !== null ? [event.data.ipHash] : [];
  },
  evolve: (row, event) => {
    if (isOf(FraudCaseOpened, event) || isOf(FraudCaseEnriched, event)) return withIpPayment(row, event.data);
    if (isOf(FraudCaseUpdated, event)) return withFailedIpAttempt(row, event.data);
    return row;
  },
});
