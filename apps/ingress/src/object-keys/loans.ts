import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** The application. */
export const loansKey: ObjectKeyOf = (body) => {
  const data = objectAt(body['data']);
  return idAt(data['applicationId']) ?? idAt(data['id']);
};
