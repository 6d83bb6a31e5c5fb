import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { withIpPayment, type IpRow } from './ip-profile.js';

/** Recent payments from each address, by its keyed hash. */
export const ips = projection<IpRow>({
  name: 'ips',
  keysOf: (event) => (isOf(FraudCaseOpened, event) && event.data.ipHash !== null ? [event.data.ipHash] : []),
  evolve: (row, event) => (isOf(FraudCaseOpened, event) ? withIpPayment(row, event.data) : row),
});
