import { SubscriptionChanged } from '@towpath/contracts/payments/SubscriptionChanged.v1';
import { emit } from '@towpath/service-kit/message';
import { BodyInvalid, idAt, requiredCode, requiredText } from '../fields.js';
import type { StripeRoute } from './route.js';

export const subscriptionChanged: StripeRoute = ({ object, at }) => {
  const accountId = idAt(object, 'customer');
  if (accountId === null) throw new BodyInvalid('customer must name whose subscription it is');
  return [
    emit(SubscriptionChanged, {
      ...{ subscriptionId: requiredText(object, 'id'), accountId, status: requiredCode(object, 'status') },
      collectionPaused: object['pause_collection'] != null,
      changedAt: at,
    }),
  ];
};
