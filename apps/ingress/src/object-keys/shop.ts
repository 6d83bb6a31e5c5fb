import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** The order, so that an order and its refunds keep their sequence; of stock, the article. */
export const shopKey: ObjectKeyOf = (body) => {
  const data = objectAt(body['data']);
  return idAt(data['orderId']) ?? idAt(data['sku']);
};
