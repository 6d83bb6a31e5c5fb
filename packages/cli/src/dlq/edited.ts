import { readFileSync } from 'node:fs';
import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { check, fromJson } from '@towpath/contracts/codec';
import { CliError } from '../cli-error.js';

/**
 * The data to send instead of a dead letter's own, from a JSON file or `-` for standard input, as `dlq show ID --json` gives
 * them. Ciphertext in them stays valid while it stays in its field and its person is the same.
 * Throws EDIT_UNREADABLE, CONTRACT_UNKNOWN, or DATA_INVALID with what the contract says.
 */
export function editedData(file: string, type: string): unknown {
  const data = parsed(file);
  if (!isContract(type))
    throw new CliError('CONTRACT_UNKNOWN', `this version knows no contract ${type}, so nothing can be edited.`);
  const contract = contractOf(type);
  check(contract, fromJson(contract, data));
  return data;
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as unknown;
  } catch (error) {
    throw new CliError(
      'EDIT_UNREADABLE',
      `${file === '-' ? 'standard input' : file} holds no JSON (${(error as Error).message}).`,
    );
  }
}
