import { createPublicKey } from 'node:crypto';
import { listOperators } from '@towpath/sources/edit-operators';
import type { SourceFiles } from '@towpath/sources/files';
import { privateKeyOf } from '@towpath/sources/keys';
import { CliError } from '../cli-error.js';
import { keyTextOf, type Signer } from './send.js';

const RAW_KEY_BYTES = 32;

/**
 * The person whose private key this is, for an act that must happen while ingress and triage are stopped, so that no delivery can
 * carry the signature. Throws KEY_MISSING, KEY_INVALID, OPERATOR_UNKNOWN, and ROLE_NOT_ALLOWED when their role is another.
 */
export function personBy(home: string, files: SourceFiles, signer: Signer, role: string): string {
  const der = createPublicKey(privateKeyOf(keyTextOf(home, signer))).export({ format: 'der', type: 'spki' });
  const publicKey = `whpk_${der.subarray(-RAW_KEY_BYTES).toString('base64')}`;
  const [name, person] = Object.entries(listOperators(files)).find(([, one]) => one.publicKey === publicKey) ?? [];
  if (name === undefined || !person) {
    throw new CliError('OPERATOR_UNKNOWN', 'nobody has this key; see `towpath operators list`.');
  }
  if (person.role === role) return name;
  throw new CliError('ROLE_NOT_ALLOWED', `${name} is ${person.role}; this takes ${role}.`);
}
