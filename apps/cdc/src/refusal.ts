/** Why a stored event can't be published. Stable: operators and alerts select by it. */
export type RefusalCode =
  | 'CONTRACT_UNKNOWN'
  | 'CONTRACT_INTERNAL'
  | 'PRODUCER_NOT_ALLOWED'
  | 'SCHEMA_ID_MISSING'
  | 'DATA_INVALID'
  | 'KEY_MISSING'
  | 'TOO_LARGE'
  | 'BROKER_REFUSED'
  /** anything else that its row brings about */
  | 'UNPUBLISHABLE'
  /** an earlier version of its stream is parked */
  | 'BEHIND_PARKED';

/** An event that may not or can't be published as it is. The message names cause and fix and holds no value of the data. */
export class Refusal extends Error {
  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Refusal';
  }
}
