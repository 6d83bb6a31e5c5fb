import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { command } from '../operator/command.js';
import { nameOf } from '../watch/watch-line.js';
import { unknownEffect } from './effect-rows.js';

/** What a person found out about an effect. */
export type Outcome = 'done' | 'not-done';

/**
 * Says what became of an effect whose outcome nobody knows, as a delivery that the person signs. Nothing is sent to the provider.
 * Throws EFFECT_NOT_UNKNOWN, and what `command` throws.
 */
export async function settleEffect(
  context: Context,
  addresses: Addresses,
  effectId: string,
  { outcome, ...options }: ChangeOptions & { readonly outcome: Outcome },
): Promise<void> {
  const effect = await find(addresses, effectId);
  const { action, provider, subjectId, detail } = effect;
  context.note(
    `${nameOf(action)} at ${provider} for ${subjectId}: outcome-unknown → ${outcome}\nseen: ${detail ?? 'nothing'}`,
  );
  const data = { effectId, outcome, reason: options.reason };
  await command(context, addresses, { type: 'SettleEffect', data, done: ['EffectSettled'] }, options);
}

async function find(addresses: Addresses, effectId: string) {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const found = await unknownEffect(inspector, effectId);
    if (found) return found;
    throw new CliError(
      'EFFECT_NOT_UNKNOWN',
      `no effect ${effectId} waits to be settled; see \`towpath effects list --state outcome-unknown\`.`,
    );
  } finally {
    await inspector.close();
  }
}
