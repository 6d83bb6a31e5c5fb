import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { withCardPayment, type CardRow } from './card-profile.js';

/** Recent payments of each card, by the provider's fingerprint. */
export const cards = projection<CardRow>({
  name: 'cards',
  keysOf: (event) => {
    if (!isOf(FraudCaseOpened, event) || event.data.cardFingerprint === null) return [];
    return [event.data.cardFingerprint];
  },
  evolve: (row, event) => (isOf(FraudCaseOpened, event) ? withCardPayment(row, event.data) : row),
});
