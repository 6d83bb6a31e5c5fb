import { codeAt, type Fields } from './fields.js';
import type { Taxonomy } from './taxonomy.js';

/** A provider whose deliveries are verified, held against replay and recorded, while no service acts on them yet. */
function recordedOnly(provider: string, typeOf: (event: Fields) => string): Taxonomy {
  return {
    provider,
    chargesOf: () => [],
    route: (body) => {
      const event = body as Fields;
      const about = { providerType: typeOf(event), providerEventId: codeAt(event, 'id'), owner: null };
      return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    },
  };
}

/** GitHub names the type in a header, which it does not sign; the action in the body is signed. */
export const github = recordedOnly('github', (event) => codeAt(event, 'action') ?? 'unknown');

export const notion = recordedOnly('notion', (event) => codeAt(event, 'type') ?? 'unknown');
