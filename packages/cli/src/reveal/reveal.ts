import { randomUUID } from 'node:crypto';
import { openRevealer } from '@towpath/event-store/reveal';
import type { Addresses } from '../addresses.js';
import { UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { sendUntilRecorded } from '../operator/record-operation.js';
import type { Signer } from '../operator/send.js';
import { masked, type View } from './mask.js';

/** Options of every verb that shows data. */
export interface RevealOptions extends Signer {
  readonly reveal?: boolean;
  readonly reason?: string;
}

/**
 * Gives `show` the view of data that the options ask for: masked, or with `--reveal` readable. A reveal is first signed and
 * recorded as `ops.v1.OperationRecorded` with the person and the reason; then the vault hands out keys for that operation
 * alone, to a role that can do nothing else, and writes down whose. An erased person's fields read `erased`.
 * Throws USAGE without a reason, COMMAND_REFUSED when the person's role may not, OPERATION_UNRECORDED, REVEAL_UNRECORDED.
 * @param target what is looked at, such as `topic payments.events`; names nobody
 */
export async function withView<T>(
  context: Context,
  addresses: Addresses,
  target: string,
  { reveal = false, reason, ...signer }: RevealOptions,
  show: (view: View) => Promise<T>,
): Promise<T> {
  if (!reveal) return show(masked);
  if (!reason?.trim()) throw new UsageError('--reveal needs --reason TEXT: it is recorded before anything is shown.');
  const operationId = randomUUID();
  await sendUntilRecorded(addresses, 'RevealPersonalData', { operationId, target, reason }, signer);
  context.note(`personal data is shown; recorded as operation ${operationId}`);
  const revealer = openRevealer({ url: databaseUrl(addresses, 'towpath_revealer'), operationId });
  try {
    return await show((type, data) => revealer.reveal(type, data));
  } finally {
    await revealer.close();
  }
}
