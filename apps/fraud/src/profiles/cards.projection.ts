import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { withCardPayment, withFailedCardAttempt, type CardRow } from './card-profile.js';

/** Recent payments of each card, by the provider's fingerprint; attempts that failed count, too. */
export const cards = projection<CardRow>({
  name: 'cards',
  keysOf: (event) => {
    if (!isOf(FraudCaseOpened, event) && !isOf(FraudCaseUpdated, event)) return [];
    return event.data.cardFingerprint === null ? [] : [event.data.cardFingerprint];
  },
  evolve: (row, event) => {
    if (isOf(FraudCaseOpened, event)) return withCardPayment(row, event.data);
    if (isOf(FraudCaseUpdated, event)) return withFailedCardAttempt(row, event.data);
    return row;
  },
});
