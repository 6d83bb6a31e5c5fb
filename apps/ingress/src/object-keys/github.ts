import { idAt, objectAt, type ObjectKeyOf } from './object-key.js';

/** The pull request or issue, else the repository. */
export const githubKey: ObjectKeyOf = (body) => {
  for (const name of ['pull_request', 'issue', 'repository']) {
    const id = idAt(objectAt(body[name])['node_id']);
    if (id !== null) return id;
  }
  return null;
};

/** The page, comment or database that an event of Notion is about. */
export const notionKey: ObjectKeyOf = (body) => idAt(body['entity']);
