import type { CheckpointLeaves } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { archiveFaults, stubFaults } from './archive/archive-faults.js';
import { CheckpointChain, type ChainHead, type CheckpointFault, type CheckpointRecord } from './checkpoint-chain.js';
import type { PublicKeys } from './checkpoint.js';
import { entryFaults, placeFaults, type EntryFault } from './held-entries.js';
import { PositionSet } from './position-set.js';
import { differences, type Difference, type PublishedEvent } from './published.js';
import { textRowsOf, type Queryable, type TextRows } from './text-rows.js';
import { chainedRows, type StoredRow } from './verify-store.js';
import type { Mismatch } from './verify.js';

/** Something that is not as it was. */
export interface Finding {
  /**
   * Of an event, by its chain: `gap`, `content`, `link`, `kind` (see `Mismatch`); by a checkpoint: `missing`, `moved`, `changed`
   * (see `EntryFault`), `unsigned`: no checkpoint covers it, though one covers its transaction; by its topic: `lost`, it was
   * published and is gone, `diverged`, its place is another's or has another hash.
   * Of the checkpoints: `checkpoint-forged`, `-missing`, `-broken`, `-leaves` (see `CheckpointFault`).
   * Of what left a store: `archive`, a stub whose content is nowhere, or a file that is not what the store says of it.
   * Of a store: `store-missing`.
   */
  readonly reason:
    | Mismatch['reason']
    | EntryFault['reason']
    | 'unsigned'
    | 'lost'
    | 'diverged'
    | 'archive'
    | 'store-missing'
    | `checkpoint-${CheckpointFault['reason']}`;
  readonly schema?: string;
  readonly stream?: string;
  readonly version?: number;
  readonly position?: number;
  readonly eventId?: string;
  readonly checkpoint?: number;
  /** for people */
  readonly detail: string;
}

/** What a verification has gone through so far. */
export interface Verified {
  events: number;
  streams: number;
  checkpoints: number;
  /** events that checkpoints cover */
  covered: number;
  /** records of topics */
  published: number;
}

export interface VerifyRequest {
  /** as a role that reads every store */
  readonly client: Queryable;
  /** stores that must be there */
  readonly schemas: readonly string[];
  /** one stream alone, in whichever of the stores */
  readonly stream?: string;
  /** every record of one log on `audit.checkpoints`, in order */
  readonly checkpoints: AsyncIterable<CheckpointRecord> | Iterable<CheckpointRecord>;
  readonly keys: PublicKeys;
  /** of the last statement: positions of earlier checkpoints are no longer those of this database; see `Statement` */
  readonly baseline: number;
  /** the number that the relay's own row says was signed last; 0: none */
  readonly signedLast: number;
  /** what topics got since the last checkpoint, or all they hold; nothing when they are not to be looked at */
  published(since: ChainHead | undefined): AsyncIterable<PublishedEvent> | Iterable<PublishedEvent>;
  /** the archive's folder, when its files are to be held against the stubs */
  readonly archive?: string;
  /** counted up while it goes on */
  readonly verified?: Verified;
}

const chunkEvents = 1_000;

export function nothingVerified(): Verified {
  return { events: 0, streams: 0, checkpoints: 0, covered: 0, published: 0 };
}

/**
 * Holds stores against the signed checkpoints, their own chains, and what was published since: yields every change as it is
 * found, an event at most once. Reads only. Memory: a page, one bit per position, and the findings' places.
 */
export async function* verifyStores(request: VerifyRequest): AsyncGenerator<Finding> {
  const found = new Set<string>();
  for await (const finding of new Verification(request).findings()) {
    const { schema, stream, version } = finding;
    const key = `${schema} ${version} ${stream}`;
    if (version !== undefined && found.has(key)) continue;
    if (version !== undefined) found.add(key);
    yield finding;
  }
}

class Verification {
  private readonly covered = new PositionSet();
  /** of the checkpoint whose leaves are being read */
  private pending = new PositionSet();
  private readonly verified: Verified;
  private readonly chain: CheckpointChain;
  private readonly present = new Set<string>();
  private readonly rows: TextRows;

  constructor(private readonly request: VerifyRequest) {
    this.verified = request.verified ?? nothingVerified();
    this.chain = new CheckpointChain(request.keys);
    this.rows = textRowsOf(request.client);
  }

  async *findings(): AsyncGenerator<Finding> {
    yield* this.stores();
    yield* this.checkpoints();
    for (const schema of this.present) {
      yield* this.store(schema);
      yield* this.archived(schema);
    }
    yield* this.published();
  }

  private async *stores(): AsyncGenerator<Finding> {
    for (const schema of this.request.schemas) {
      const [row] = await this.rows('select to_regclass($1)', [`"${schema}".events`]);
      if (row?.[0] != null) this.present.add(schema);
      else yield { reason: 'store-missing', schema, detail: `there is no table ${schema}.events` };
    }
  }

  /** A checkpoint's positions count once its signature and root hold: leaves alone vouch for nothing. */
  private async *checkpoints(): AsyncGenerator<Finding> {
    for await (const record of this.request.checkpoints) {
      if ('leaves' in record) yield* this.leaves(record.leaves);
      else yield* this.signed(record.signed);
    }
    yield* this.removedCheckpoints();
  }

  private async *leaves(leaves: CheckpointLeaves): AsyncGenerator<Finding> {
    const { number, part, schema } = leaves;
    if (part === 0) this.pending = new PositionSet();
    const entries = this.chain.leaves(leaves);
    if (!this.present.has(schema)) return;
    if (number >= this.request.baseline) for (const { position } of entries) this.pending.add(schema, position);
    yield* this.entries(schema, number, entries);
  }

  private *signed(signed: CheckpointSigned): Generator<Finding> {
    const faults = this.chain.signed(signed);
    for (const { reason, checkpoint, detail } of faults) yield { reason: `checkpoint-${reason}`, checkpoint, detail };
    if (!faults.some(({ reason }) => reason === 'forged' || reason === 'leaves')) this.covered.addAll(this.pending);
    this.pending = new PositionSet();
    this.verified.checkpoints += 1;
  }

  private *removedCheckpoints(): Generator<Finding> {
    const { signedLast } = this.request;
    const number = this.chain.head?.statement.number ?? 0;
    if (signedLast <= number) return;
    const detail = `the topic ends at checkpoint ${number}, the relay has signed ${signedLast}`;
    yield { reason: 'checkpoint-missing', checkpoint: number + 1, detail };
  }

  private async *entries(
    schema: string,
    checkpoint: number,
    entries: ReturnType<CheckpointChain['leaves']>,
  ): AsyncGenerator<Finding> {
    const { stream, baseline } = this.request;
    const wanted = stream === undefined ? entries : entries.filter((entry) => entry.stream === stream);
    if (wanted.length === 0) return;
    this.verified.covered += wanted.length;
    const faults = await (checkpoint >= baseline ? entryFaults : placeFaults)(this.rows, schema, wanted);
    for (const { entry, reason, eventId, detail } of faults) {
      const { stream: name, version, position } = entry;
      yield { reason, schema, stream: name, version, position, checkpoint, detail, ...(eventId && { eventId }) };
    }
  }

  private async *store(schema: string): AsyncGenerator<Finding> {
    const { stream } = this.request;
    const before = BigInt(this.chain.head?.statement.before ?? '0');
    for await (const { row, mismatch } of chainedRows(this.rows, { schema, ...(stream !== undefined && { stream }) })) {
      this.verified.events += 1;
      if (row.version === 1) this.verified.streams += 1;
      if (mismatch) yield { ...placeOf(schema, row), reason: mismatch.reason, detail: chainDetails[mismatch.reason] };
      if (BigInt(row.xact) >= before || this.covered.has(schema, Number(row.position))) continue;
      const detail = `no checkpoint covers it, though its transaction ${row.xact} is below ${before}: it was put in later`;
      yield { ...placeOf(schema, row), reason: 'unsigned', detail };
    }
  }

  /** What is not in the store any more. */
  private async *archived(schema: string): AsyncGenerator<Finding> {
    const { stream, archive } = this.request;
    const asked = { schema, ...(stream !== undefined && { stream }) };
    for await (const fault of stubFaults(this.rows, asked)) yield { reason: 'archive', schema, ...fault };
    if (archive === undefined) return;
    for await (const fault of archiveFaults(this.rows, archive, asked)) yield { reason: 'archive', schema, ...fault };
  }

  private async *published(): AsyncGenerator<Finding> {
    let chunk: PublishedEvent[] = [];
    for await (const event of this.request.published(this.chain.head)) {
      if (!this.present.has(event.schema)) continue;
      if (this.request.stream !== undefined && this.request.stream !== event.stream) continue;
      this.verified.published += 1;
      if (chunk.push(event) < chunkEvents) continue;
      yield* this.publishedChunk(chunk);
      chunk = [];
    }
    yield* this.publishedChunk(chunk);
  }

  private async *publishedChunk(chunk: readonly PublishedEvent[]): AsyncGenerator<Finding> {
    for (const schema of new Set(chunk.map((event) => event.schema))) {
      const own = chunk.filter((event) => event.schema === schema);
      for (const [{ stream, version, id }, difference] of await differences(this.request.client, schema, own)) {
        yield { schema, stream, version, eventId: id, ...topicDetails[difference] };
      }
    }
  }
}

function placeOf(schema: string, { stream, version, position, id }: StoredRow) {
  return { schema, stream, version, position: Number(position), eventId: id };
}

const chainDetails: Readonly<Record<Mismatch['reason'], string>> = {
  gap: 'an event before it is missing, or the order changed',
  content: 'id, type, time, data or metadata differ from what was hashed',
  link: 'its hash does not follow from the event before',
  kind: 'its kind is not the one of its contract',
};

const topicDetails: Readonly<Record<Difference, Pick<Finding, 'reason' | 'detail'>>> = {
  missing: { reason: 'lost', detail: 'its topic has it, the store does not' },
  diverged: { reason: 'diverged', detail: 'its topic has another event, or other content, in its place' },
};
