import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { RecoveryStepTaken } from '@towpath/contracts/payments/RecoveryStepTaken.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';

const DAY_MS = 86_400_000;
/** Who tries stolen cards with somebody's address must not fill that mailbox. */
const MAILS_A_DAY_MAX = 3;

/** When an address was last written to, newest last; by the address's keyed HMAC. */
export interface RecoveryMails {
  readonly at: readonly number[];
}

export const recoveryMails = projection<RecoveryMails>({
  name: 'recovery_mails',
  keysOf: (event) => {
    const mail = mailOf(event);
    return mail ? [mail.addressHash] : [];
  },
  evolve: (row, event) => {
    const mail = mailOf(event);
    return mail ? { at: [...(row?.at ?? []), mail.at].slice(-MAILS_A_DAY_MAX) } : row;
  },
});

/** Whether one more letter to the address is too many. */
export function isWrittenToEnough(row: RecoveryMails | undefined, now: Date): boolean {
  const since = now.getTime() - DAY_MS;
  return (row?.at ?? []).filter((at) => at > since).length >= MAILS_A_DAY_MAX;
}

function mailOf(event: DomainEvent): { readonly addressHash: string; readonly at: number } | undefined {
  if (isOf(RecoveryFlowInitiated, event)) {
    const { addressHash, initiatedAt } = event.data;
    return addressHash === null ? undefined : { addressHash, at: initiatedAt };
  }
  if (isOf(RecoveryStepTaken, event)) {
    const { addressHash, takenAt } = event.data;
    return addressHash === null ? undefined : { addressHash, at: takenAt };
  }
  return undefined;
}
