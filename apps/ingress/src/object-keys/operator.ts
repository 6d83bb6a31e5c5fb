import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** Fields of a command's `data` that name its target, most particular first. */
const TARGETS = [
  'target',
  'accountId',
  'paymentId',
  'reviewId',
  'caseId',
  'deliveryId',
  'effectKey',
  'deadLetterId',
  'id',
];

/** The target of a person's command `{type, data}`, so that commands for one target stay in order. */
export const operatorKey: ObjectKeyOf = (body) => {
  const data = objectAt(body['data']);
  for (const name of TARGETS) {
    const id = Object.hasOwn(data, name) ? idAt(data[name]) : null;
    if (id !== null) return id;
  }
  return null;
};
