import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { signStandard } from '@towpath/sources/sign';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import { post, type Accepted } from '../delivery/post.js';
import { LOCAL_OPERATOR, operatorKeyFile } from '../local/local-sources.js';

/** Who gives a command. */
export interface Signer {
  /** name of the person; their key is in this home */
  readonly as?: string;
  /** file with the private key, when it is elsewhere */
  readonly keyFile?: string;
}

/**
 * Posts a command, signed with the person's key, to the source `operator`. Answers once Kafka holds it; what becomes of it
 * is recorded by triage. The same `id` again is the same command.
 * Throws KEY_MISSING, NOT_REACHABLE, or DELIVERY_REJECTED with what ingress said.
 */
export async function send(
  addresses: Pick<Addresses, 'home' | 'ports'>,
  type: string,
  data: object,
  signer: Signer,
  id = `cmd_${randomUUID()}`,
): Promise<Accepted> {
  const key = keyTextOf(addresses.home, signer);
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  return post(addresses, 'operator', body, signStandard(key, id, body, new Date()));
}

/** The private key of who signs, as text. Throws KEY_MISSING. */
export function keyTextOf(home: string, { as = LOCAL_OPERATOR, keyFile }: Signer): string {
  const file = keyFile ?? operatorKeyFile(home, as);
  if (!existsSync(file)) {
    throw new CliError(
      'KEY_MISSING',
      `there is no private key ${file}; make one with \`towpath operators add NAME --role ROLE\`, or give --key-file.`,
    );
  }
  return readFileSync(file, 'utf8').trim();
}
