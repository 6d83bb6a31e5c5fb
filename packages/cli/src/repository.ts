import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root: the folder that holds `apps` and `node_modules`. */
export const repository = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../..');
