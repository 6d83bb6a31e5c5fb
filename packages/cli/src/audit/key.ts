import { keyIdOf } from '@towpath/event-store/checkpoint';
import { loadKeys, pemOf } from '@towpath/event-store/checkpoint-keys';
import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';

/** Shows the public keys that checkpoints may be signed with, as PEM, the newest last. */
export async function showKeys(context: Context, addresses: Addresses): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    for (const key of (await loadKeys(inspector.client)).values()) {
      context.note(`key ${keyIdOf(key)}`);
      context.show(pemOf(key).trimEnd(), { keyId: keyIdOf(key), pem: pemOf(key) });
    }
  } finally {
    await inspector.close();
  }
}
