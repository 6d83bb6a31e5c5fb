/** What is wrong with a message or a lookup; stable, so callers may branch on it. */
export type ContractErrorCode =
  'CONTRACT_UNKNOWN' | 'DATA_INVALID' | 'UNDECODABLE' | 'SERVICE_UNKNOWN' | 'TOPIC_UNKNOWN';

/** An error of this package. `code` is stable; the message names cause and fix and never holds a value of a `pii` field. */
export class ContractError extends Error {
  readonly code: ContractErrorCode;

  constructor(code: ContractErrorCode, message: string) {
    super(`${code}: ${message}`);
    this.name = 'ContractError';
    this.code = code;
  }
}
