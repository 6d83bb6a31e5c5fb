import { createHash } from 'node:crypto';
import { digestOf, nextLink } from '../chain.js';
import { keyIdOf, leafOf, publicKeysOf, signatureFault, type PublicKeys, type Statement } from '../checkpoint.js';
import { rootOfPath } from '../merkle.js';
import { sealOf, textOf, type Bundle, type BundledEvent } from './bundle.js';

/** What a bundle proves, or why it doesn't. */
export interface BundleReport {
  /** empty: every byte of it is as it was exported, and every event as it was signed */
  readonly faults: readonly BundleFault[];
  readonly events: number;
  readonly stories: readonly string[];
  /** ids of the keys that signed; believe them only when you know them from elsewhere */
  readonly keyIds: readonly string[];
  readonly signedAt: readonly string[];
  /** deliveries whose bytes it shows */
  readonly revealed: number;
}

export interface BundleFault {
  /**
   * `unreadable`: it is no bundle · `altered`: text or seal differ from what was exported · `key`, `checkpoint`: not by a believed key, or
   * not as it was signed · `event`: no checkpoint vouches for it as it stands there · `link`: two versions don't follow
   * each other · `bytes`: not the bytes whose SHA-256 was recorded · `about`: it is not of the story it says
   */
  readonly reason: 'unreadable' | 'altered' | 'key' | 'checkpoint' | 'event' | 'link' | 'bytes' | 'about';
  readonly place: string;
  readonly detail: string;
}

/**
 * Checks a bundle by itself. `believed`: the keys to believe; without them the bundle's own, which then only say that nothing was
 * changed since whoever has the secret signed.
 */
export function checkBundle(text: string, believed?: PublicKeys): BundleReport {
  try {
    return new BundleCheck(JSON.parse(text) as Bundle, text, believed).report();
  } catch (error) {
    const fault: BundleFault = { reason: 'unreadable', place: 'the file', detail: (error as Error).message };
    return { faults: [fault], events: 0, stories: [], keyIds: [], signedAt: [], revealed: 0 };
  }
}

/** Of each part its members, in their order: nothing more, because nothing would vouch for it. */
const members = {
  bundle: 'format,id,stories,keys,checkpoints,events,revealed,seal',
  checkpoint: 'statement,signature,keyId',
  event: 'schema,position,stream,version,id,type,kind,occurredAt,xact,data,metadata,hash,proof',
  proof: 'checkpoint,index,path',
  revealed: 'deliveryId,body',
};

class BundleCheck {
  private readonly faults: BundleFault[] = [];
  private readonly statements = new Map<number, Statement>();

  constructor(
    private readonly bundle: Bundle,
    private readonly text: string,
    private readonly believed: PublicKeys | undefined,
  ) {}

  report(): BundleReport {
    const { bundle } = this;
    this.form();
    this.checkpoints(this.keys());
    for (const event of bundle.events) this.event(event);
    this.links();
    this.bytes();
    this.about();
    const statements = [...this.statements.values()];
    return {
      faults: this.faults,
      events: bundle.events.length,
      stories: bundle.stories,
      keyIds: [...new Set(statements.map(({ keyId }) => keyId))],
      signedAt: statements.map(({ signedAt }) => signedAt),
      revealed: bundle.revealed.length,
    };
  }

  private fault(reason: BundleFault['reason'], place: string, detail: string): void {
    this.faults.push({ reason, place, detail });
  }

  private form(): void {
    const { seal, ...content } = this.bundle;
    if (this.bundle.format !== 'towpath-audit-bundle/1') throw new Error('it is no bundle of `towpath audit export`');
    expectMembers(this.bundle, 'bundle');
    for (const checkpoint of this.bundle.checkpoints) expectMembers(checkpoint, 'checkpoint');
    for (const event of this.bundle.events) expectMembers(event, 'event');
    for (const { proof } of this.bundle.events) expectMembers(proof, 'proof');
    for (const revealed of this.bundle.revealed) expectMembers(revealed, 'revealed');
    if (textOf(this.bundle) !== this.text)
      this.fault('altered', 'the file', 'its text is not written as it was exported');
    if (sealOf(content) !== seal) this.fault('altered', 'the seal', 'the content is not what was exported');
    if (this.bundle.events.length === 0) this.fault('about', 'the events', 'there are none');
  }

  private keys(): PublicKeys {
    const own = Object.entries(this.bundle.keys).map(([id, hex]) => ({ id, key: bytesIn(hex, 'hex') }));
    for (const { id, key } of own) if (keyIdOf(key) !== id) this.fault('key', id, 'the key has another id');
    const used = new Set(this.bundle.checkpoints.map(({ keyId }) => keyId));
    for (const { id } of own) if (!used.has(id)) this.fault('key', id, 'it signed nothing here');
    for (const id of used) if (!this.bundle.keys[id]) this.fault('key', id, 'it is not here');
    return this.believed ?? publicKeysOf(own.map(({ key }) => key));
  }

  private checkpoints(keys: PublicKeys): void {
    const used = new Set(this.bundle.events.map(({ proof }) => proof.checkpoint));
    for (const { statement: text, signature, keyId } of this.bundle.checkpoints) {
      const fault = signatureFault({ statement: text, signature: bytesIn(signature, 'base64'), keyId }, keys);
      const statement = JSON.parse(text) as Statement;
      if (fault !== undefined) this.fault('checkpoint', String(statement.number), fault);
      else if (this.statements.has(statement.number) || !used.has(statement.number))
        this.fault('checkpoint', String(statement.number), 'it covers no event here, or stands here twice');
      else this.statements.set(statement.number, statement);
    }
  }

  private event(event: BundledEvent): void {
    const fault = eventFault(event, this.statements.get(event.proof.checkpoint));
    if (fault !== undefined) this.fault('event', placeOf(event), fault);
  }

  private links(): void {
    const byPlace = new Map(this.bundle.events.map((event) => [placeOf(event), event]));
    if (byPlace.size !== this.bundle.events.length) this.fault('about', 'the events', 'one stands there twice');
    for (const event of this.bundle.events) {
      const before = byPlace.get(placeOf({ ...event, version: event.version - 1 }));
      if (!before) continue;
      const link = nextLink(bytesIn(before.hash, 'hex'), event.version, digestOfBundled(event));
      if (link.toString('hex') !== event.hash)
        this.fault('link', placeOf(event), 'it does not follow from the version before');
    }
  }

  private bytes(): void {
    for (const { deliveryId, body } of this.bundle.revealed) {
      const sha256 = createHash('sha256').update(bytesIn(body, 'base64')).digest('hex');
      const recorded = this.bundle.events.some(({ data }) => {
        const { deliveryId: id, sha256: own } = data as { deliveryId?: unknown; sha256?: unknown };
        return id === deliveryId && own === sha256;
      });
      if (!recorded) this.fault('bytes', deliveryId, 'no event of the delivery has the SHA-256 of these bytes');
    }
  }

  private about(): void {
    const { id, stories, events } = this.bundle;
    const found = [...new Set(events.map(({ metadata }) => metadata.correlationId))].sort();
    if (found.join() !== [...stories].sort().join()) this.fault('about', 'stories', 'they are not those of the events');
    const isNamed = stories.includes(id) || events.some((event) => event.id === id || names(event, id));
    if (!isNamed) this.fault('about', id, 'no event here is about it');
  }
}

function eventFault(event: BundledEvent, statement: Statement | undefined): string | undefined {
  const { schema, position, stream, version, id, kind, xact, hash, proof } = event;
  if (!statement) return `checkpoint ${proof.checkpoint} is not here, or not to be believed`;
  const digest = digestOfBundled(event).toString('hex');
  const leaf = leafOf(schema, { position, stream, version: String(version), id, kind, xact, digest, hash });
  const path = proof.path.map((node) => bytesIn(node, 'hex'));
  const root = rootOfPath(leaf, proof.index, statement.leaves, path);
  if (root?.toString('hex') === statement.root) return undefined;
  return `it is not what checkpoint ${statement.number} covers at ${proof.index}`;
}

function digestOfBundled({ id, stream, type, data, metadata, occurredAt }: BundledEvent): Buffer {
  const time = new Date(occurredAt);
  if (time.toISOString() !== occurredAt) throw new Error(`${occurredAt} is not a time as it was exported`);
  return digestOf({ id, stream, type, data, metadata, occurredAt: time });
}

/** Node reads more texts than it writes: another text of the same bytes is a change, too. */
function bytesIn(text: string, encoding: 'hex' | 'base64'): Buffer {
  const bytes = Buffer.from(text, encoding);
  if (bytes.toString(encoding) === text) return bytes;
  throw new Error(`${text.slice(0, 16)}… is not ${encoding} as it was exported`);
}

function expectMembers(part: object, name: keyof typeof members): void {
  const found = Object.keys(part).join();
  if (found !== members[name]) throw new Error(`a ${name} has the members ${found}, not ${members[name]}`);
}

function placeOf({ schema, stream, version }: Pick<BundledEvent, 'schema' | 'stream' | 'version'>): string {
  return `${schema} ${stream} version ${version}`;
}

/** An aggregate by its stream, a provider's event by what triage wrote down. */
function names({ stream, data }: BundledEvent, id: string): boolean {
  return stream.endsWith(`-${id}`) || (data as { providerEventId?: unknown }).providerEventId === id;
}
