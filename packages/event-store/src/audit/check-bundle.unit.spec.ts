import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { digestOf, firstLink, nextLink } from '../chain.js';
import { checkpointKey, publicKeysOf, type LeafRow } from '../checkpoint.js';
import { signCheckpoints, specRow } from '../checkpoint.fixture.js';
import { bundleText, textOf, type Bundle } from './bundle.js';
import { checkBundle } from './check-bundle.js';
import { placeKey, provePositions } from './prove-positions.js';
import type { StoryRow } from './story-rows.js';

const key = checkpointKey('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60');
const keys = publicKeysOf([key.publicKey]);
const body = Buffer.from('{"id":"evt_1","amount":12.50}');
const story = '85a91ab2-20bf-5e65-b18c-424344ebdd06';

/** A story over two stores: triage routed a delivery, fraud decided in three steps. */
const rows: StoryRow[] = [
  row('fraud', 'payment-pi_1', 1, 3, { paymentId: 'pi_1', amountMinor: 1250 }),
  row('fraud', 'payment-pi_1', 2, 4, { paymentId: 'pi_1', decision: 'held' }),
  row('fraud', 'payment-pi_1', 3, 9, { paymentId: 'pi_1', note: 'enc1:abc' }),
  row('triage', `delivery-${story}`, 1, 1, {
    deliveryId: story,
    sha256: createHash('sha256').update(body).digest('hex'),
  }),
];

function row(schema: string, stream: string, version: number, position: number, data: object): StoryRow {
  const event = {
    ...{
      schema,
      position: String(position),
      stream,
      version,
      id: `6f0e4bd5-1c2f-4f52-9a10-4f1d4f4e0c${10 + position}`,
    },
    ...{ type: 'spec.v1.Done', kind: 'event', occurredAt: '2026-01-31T12:00:00.123Z', xact: '700', data },
    metadata: { correlationId: story, causationId: story, hops: 1, handler: 'Spec' },
  };
  return { ...event, hash: '' };
}

/** With the links as the store would have computed them. */
function linked(): StoryRow[] {
  const links = new Map<string, Buffer>();
  return rows.map((event) => {
    const digest = digestOf({ ...event, occurredAt: new Date(event.occurredAt) });
    const hash = nextLink(links.get(event.stream) ?? firstLink(event.stream), event.version, digest);
    links.set(event.stream, hash);
    return { ...event, hash: hash.toString('hex') };
  });
}

async function bundled(): Promise<Omit<Bundle, 'seal'>> {
  const events = linked();
  const leafRow = (event: StoryRow): LeafRow => ({
    ...event,
    version: String(event.version),
    digest: digestOf({ ...event, occurredAt: new Date(event.occurredAt) }).toString('hex'),
  });
  const records = signCheckpoints(key, [
    { fraud: [specRow(1), specRow(2), ...events.slice(0, 2).map(leafRow), specRow(5)], triage: [leafRow(events[3]!)] },
    { fraud: [specRow(8), leafRow(events[2]!)] },
  ]);
  const wanted = new Set(events.map(({ schema, position }) => placeKey(schema, position)));
  const proofs = await provePositions(fromArray(records), keys, wanted, 1);
  const signed = records.flatMap((record) => ('signed' in record ? [record.signed] : []));
  return {
    format: 'towpath-audit-bundle/1',
    id: 'pi_1',
    stories: [story],
    keys: { [key.id]: key.publicKey.toString('hex') },
    checkpoints: signed.map(({ statement, signature, keyId }) => ({
      statement,
      signature: signature.toString('base64'),
      keyId,
    })),
    events: events.map((event) => ({ ...event, proof: proofs.get(placeKey(event.schema, event.position))!.proof })),
    revealed: [{ deliveryId: story, body: body.toString('base64') }],
  };
}

async function* fromArray<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('a bundle', () => {
  let content: Omit<Bundle, 'seal'>;
  let text: string;

  beforeAll(async () => {
    content = await bundled();
    text = bundleText(content);
  });

  it('proves its events by itself, with its own keys and with those one knows', () => {
    expect(checkBundle(text)).toMatchObject({ faults: [], events: 4, revealed: 1, keyIds: [key.id] });
    expect(checkBundle(text, keys).faults).toEqual([]);
  });

  it('shows any byte that was changed, taken out or put in', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        fc.constantFrom('change', 'remove', 'insert'),
        (at, change, how) => {
          const bytes = Buffer.from(text);
          const place = at % bytes.length;
          const byte = Buffer.from([how === 'change' ? bytes[place]! ^ change : change]);
          const changed = Buffer.concat([
            bytes.subarray(0, place),
            how === 'remove' ? Buffer.alloc(0) : byte,
            bytes.subarray(how === 'insert' ? place : place + 1),
          ]);
          expect(checkBundle(changed.toString('latin1')).faults).not.toEqual([]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('shows any field that was changed or taken out by somebody who seals it anew', () => {
    const paths = leafPaths(content);
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (which, remove) => {
        const path = paths[which % paths.length]!;
        const changed = structuredClone(content) as unknown as Record<string, unknown>;
        change(changed, path, remove);
        const { faults } = checkBundle(bundleText(changed as unknown as Bundle), keys);
        expect({ path, found: faults.length > 0 }).toEqual({ path, found: true });
      }),
      { numRuns: 2_000 },
    );
  });

  it('shows events that were swapped, repeated or put in, and checkpoints that prove nothing', () => {
    const [first, second, ...rest] = content.events;
    const sealed = (changes: Partial<Bundle>) => checkBundle(bundleText({ ...content, ...changes }), keys).faults;
    expect(sealed({ events: [first!, first!, second!, ...rest] })).not.toEqual([]);
    expect(
      sealed({ events: [{ ...first!, proof: second!.proof }, { ...second!, proof: first!.proof }, ...rest] }),
    ).not.toEqual([]);
    expect(sealed({ events: [{ ...first!, stream: 'payment-pi_2' }, second!, ...rest] })).not.toEqual([]);
    expect(sealed({ checkpoints: [...content.checkpoints, content.checkpoints[0]!] })).not.toEqual([]);
    expect(sealed({ revealed: [{ deliveryId: story, body: Buffer.from('{}').toString('base64') }] })).not.toEqual([]);
    expect(sealed({ events: [] })).not.toEqual([]);
  });

  it('is not believed when another key signed it all anew, as long as one knows the right one', () => {
    const other = checkpointKey('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb');
    const checkpoints = content.checkpoints.map(({ statement }) => {
      const own = statement.replace(key.id, other.id);
      return { statement: own, signature: other.sign(own).toString('base64'), keyId: other.id };
    });
    const forged = bundleText({ ...content, checkpoints, keys: { [other.id]: other.publicKey.toString('hex') } });
    expect(checkBundle(forged, keys).faults).not.toEqual([]);
  });

  it('is nothing else than a bundle', () => {
    for (const other of ['', '{}', '[]', 'null', textOf({ ...content, seal: '' }), textOf({ ...content, more: 1 })]) {
      expect(checkBundle(other).faults).not.toEqual([]);
    }
  });
});

/** Where every value of the content stands. */
function leafPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  return Object.entries(value).flatMap(([name, entry]) => leafPaths(entry, [...path, name]));
}

function change(root: Record<string, unknown>, path: readonly string[], remove: boolean): void {
  const holder = path
    .slice(0, -1)
    .reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, root);
  const name = path.at(-1)!;
  const value = holder[name];
  if (remove && !Array.isArray(holder)) delete holder[name];
  else if (typeof value === 'number') holder[name] = value + 1;
  else holder[name] = `${String(value).slice(0, -1)}${String(value).endsWith('0') ? '1' : '0'}`;
}
