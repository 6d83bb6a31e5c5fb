import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** The submission or the trigger; for a sign-up the customer's own id at the site, when it tells one. */
export const customersKey: ObjectKeyOf = (body) => {
  const data = objectAt(body['data']);
  return idAt(data['submissionId']) ?? idAt(data['triggerId']) ?? idAt(data['customer']);
};
