import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/**
 * The payment intent, so that all of a payment's deliveries stay in order: named by charges, refunds, disputes and
 * reviews, or the object itself. Without one the charge (old integrations), else the object.
 */
export const stripeKey: ObjectKeyOf = (body) => {
  const object = objectAt(objectAt(body['data'])['object']);
  if (object['object'] === 'payment_intent') return idAt(object['id']);
  return idAt(object['payment_intent']) ?? idAt(object['charge']) ?? idAt(object['id']);
};
