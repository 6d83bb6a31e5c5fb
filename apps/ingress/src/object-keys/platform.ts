import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** The object of a platform event `{type: "deploy.completed", data: {deployId}}`: `<first word of type>Id`, else `id`. */
export const platformKey: ObjectKeyOf = (body) => {
  const data = objectAt(body['data']);
  const type = typeof body['type'] === 'string' ? body['type'] : '';
  const [noun = ''] = type.split('.', 1);
  for (const name of [`${noun}Id`, `${noun}_id`, 'id']) {
    const id = Object.hasOwn(data, name) ? idAt(data[name]) : null;
    if (id !== null) return id;
  }
  return null;
};
