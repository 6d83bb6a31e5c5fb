import { hash } from 'node:crypto';

/** The id of a definition's instance for a key; the same key is the same instance for ever, whatever the definition's version. */
export function sagaIdOf(definition: string, key: string): string {
  return hash('sha256', `saga/${definition}/${key}`, 'hex').slice(0, 24);
}
