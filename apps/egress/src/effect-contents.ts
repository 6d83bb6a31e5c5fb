import { Injectable } from '@nestjs/common';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { decryptPii, erased } from '@towpath/event-store/cipher';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';
import { InjectStore, InjectVault } from '@towpath/service-kit/platform';
import { adapters } from './adapters.js';
import { effects } from './effect.js';
import { readOpenEffects, readOpenEffectsOf, type OpenEffect } from './ledger.projection.js';
import { toolOf } from './providers.js';

/** Effects as they stand in the store. What waits holds no personal data; it is read and opened when an effect's turn comes. */
@Injectable()
export class EffectContents {
  constructor(
    @InjectStore() private readonly store: Pick<EventStore, 'read' | 'query'>,
    @InjectVault() private readonly vault: Pick<Vault, 'keysFor'>,
  ) {}

  /** Effects that have not ended, those that waited longest first. */
  open(limit: number): Promise<OpenEffect[]> {
    return readOpenEffects(this.store, limit);
  }

  /** The account's effects that have not ended. */
  openOf(accountId: string): Promise<OpenEffect[]> {
    return readOpenEffectsOf(this.store, accountId);
  }

  /** The effect with its personal data; undefined when its subject was erased. */
  async completed(effect: OpenEffect): Promise<OpenEffect | undefined> {
    const { content, effectId, accountId, provider, action } = effect;
    const isPersonal = (toolOf(adapters, provider, action)?.command.pii.length ?? 0) > 0;
    if (!isPersonal) return effect;
    const keys = await this.vault.keysFor([accountId]);
    // Also of what came just now in the clear: it was decrypted before it waited.
    if (keys.get(accountId) === null) return undefined;
    if (content !== null && content !== undefined) return effect;
    const [reserved] = await this.store.read(effects.of(effectId));
    // Not committed yet, or not at all: the ledger finds nothing either, and drops it.
    if (!reserved) return { ...effect, content: null };
    const data = decryptPii(EffectReserved, reserved.data as EffectReserved, keys);
    return data.content === erased ? undefined : { ...effect, content: data.content };
  }
}
