import { storableText } from '../storable-text.js';
import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** The ticket: `detail.id` of an event, `ticket.id` of a trigger. */
export const zendeskKey: ObjectKeyOf = (body) =>
  numbered(objectAt(body['detail'])) ?? numbered(objectAt(body['ticket']));

/** The conversation, or whatever else a notification is about. */
export const intercomKey: ObjectKeyOf = (body) => {
  const item = objectAt(objectAt(body['data'])['item']);
  return storableText(item['conversation_id']) ?? numbered(item);
};

/** The first message of the thread, so that the answers to it stay in order. */
export const emailKey: ObjectKeyOf = (body) => {
  const data = objectAt(body['data']);
  const { references } = data;
  const first: unknown =
    typeof references === 'string' ? references.split(/\s+/)[0] : (references as unknown[] | null)?.[0];
  return storableText(first) ?? storableText(data['inReplyTo']) ?? storableText(data['messageId']) ?? idAt(data['id']);
};

function numbered(object: Readonly<Record<string, unknown>>): string | null {
  const id = object['id'];
  return Number.isSafeInteger(id) ? String(id) : storableText(id);
}
