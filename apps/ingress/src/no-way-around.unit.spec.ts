import type { LoadedSource } from '@towpath/sources/load';
import { parseSources } from '@towpath/sources/schema';
import fc from 'fast-check';
import { ingressConfig } from './config.js';
import { newKeyPair, newSecret } from '@towpath/sources/keys';
import { signStandard, signStripe } from '@towpath/sources/sign';
import { DeliveryReceiver } from './receive-delivery.js';
import { SourceBook } from './source-book.js';

describe('verification', () => {
  it('is touched by no setting of the environment', () => {
    expect(Object.keys(ingressConfig.shape).sort()).toEqual([
      'LAG_SECONDS_MAX',
      'PENDING_MAX',
      'SECRETS_DIR',
      'SOURCES_FILE',
      'STORY_KEY',
      'TOKENS_FILE',
      'TOWPATH_HOME',
    ]);
  });

  it('refuses every forged delivery whatever sources.yaml says', async () => {
    const people = { text: newKeyPair().publicKey, expiresAt: null, person: { name: 'ada', role: 'admin' } };
    const valid = fc.record({
      provider: fc.constantFrom('stripe', 'platform', 'operator'),
      scheme: fc.constantFrom('stripe', 'standard'),
      allow: fc.subarray(['127.0.0.1/32', '0.0.0.0/0', '::/0']),
      proxies: fc.integer({ min: 0, max: 3 }),
      ratePerSecond: fc.integer({ min: 1, max: 100_000 }),
      disabled: fc.boolean(),
    });
    const secretFiles = fc.constantFrom({}, { secretFiles: { current: 'a.secret' } });
    const loosened = fc.constantFrom(
      {},
      {},
      {},
      { verify: false },
      { scheme: 'none' },
      { scheme: null },
      { tolerance: 1e9 },
    );
    const settings = fc.tuple(valid, secretFiles, loosened).map((parts) => Object.assign({}, ...parts) as object);
    let loaded = 0;
    await fc.assert(
      fc.asyncProperty(settings, fc.boolean(), async (source, hasKeys) => {
        const parsed = parsedOrNull(source);
        if (!parsed) return;
        loaded++;
        const own = { text: newSecret(), expiresAt: null, person: null };
        const credentials = !hasKeys ? [] : parsed.provider === 'operator' ? [people] : [own];
        expect(await outcomeOfForgeries({ ...parsed, name: 'a', credentials })).toEqual([]);
      }),
      { numRuns: 200 },
    );
    expect(loaded).toBeGreaterThan(10);
  });
});

function parsedOrNull(source: object): Omit<LoadedSource, 'name' | 'credentials'> | null {
  try {
    return parseSources(JSON.stringify({ sources: { a: source } }), 'sources.yaml')['a'] ?? null;
  } catch {
    return null;
  }
}

/** The bodies that were published although they were signed with other keys, or not at all. */
async function outcomeOfForgeries(source: LoadedSource): Promise<string[]> {
  const book = new SourceBook();
  book.replace(new Map([['a', source]]));
  const published: string[] = [];
  const receiver = new DeliveryReceiver(book, {
    overload: () => null,
    publish: async ({ deliveryId }) => {
      published.push(deliveryId);
      return null;
    },
  });
  const body = Buffer.from('{"id":"evt_1"}');
  const forgeries = [
    {},
    signStripe(newSecret(), body, new Date()),
    signStripe('', body, new Date()),
    signStandard(newSecret(), 'msg_1', body, new Date()),
    signStandard(newKeyPair().privateKey, 'msg_1', body, new Date()),
  ];
  for (const headers of forgeries) {
    const rawHeaders = Object.entries({ ...headers, 'x-forwarded-for': '127.0.0.1, 127.0.0.1, 127.0.0.1' }).flat();
    const outcome = await receiver.receive(
      { sourceName: 'a', peer: '127.0.0.1', headers, rawHeaders, trace: {} },
      body,
    );
    if ('deliveryId' in outcome) published.push(outcome.deliveryId);
  }
  return published;
}
