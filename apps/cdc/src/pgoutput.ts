/**
 * Reads the messages of Postgres' `pgoutput` plugin, protocol version 1, text format.
 * https://www.postgresql.org/docs/current/protocol-logicalrep-message-formats.html
 *
 * Own code and not pg-logical-replication's parser: that one decodes every column with pg's type parsers (both hashes, the
 * dates). Measured with one parse of both JSON documents: 5.3 µs a row against 2.0 µs here.
 */
export type ReplicationMessage =
  | { readonly tag: 'begin' }
  /** `end`: the position just behind the transaction */
  | { readonly tag: 'commit'; readonly end: bigint }
  | { readonly tag: 'row'; readonly row: ChangedRow }
  | { readonly tag: 'other' };

/** An inserted row, or the new version of an updated one. */
export interface ChangedRow {
  readonly change: 'insert' | 'update';
  readonly schema: string;
  readonly table: string;
  /** text form of the wanted columns; null for SQL null, absent when the table has no such column */
  readonly values: Readonly<Record<string, string | null>>;
}

interface Relation {
  readonly schema: string;
  readonly table: string;
  /** name per column, undefined for one that nobody wants */
  readonly columns: readonly (string | undefined)[];
}

const other: ReplicationMessage = { tag: 'other' };
const begin: ReplicationMessage = { tag: 'begin' };

/** One per connection: Postgres describes each table once per connection, before its first row. */
export class PgoutputReader {
  private readonly relations = new Map<number, Relation>();
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;

  /** `wanted`: names of the columns to read; all others are skipped unread. */
  constructor(private readonly wanted: ReadonlySet<string>) {}

  /** `bytes` may be reused by the caller afterwards: everything kept of it is copied. */
  read(bytes: Buffer, offset: number): ReplicationMessage {
    this.bytes = bytes;
    this.at = offset + 1;
    switch (bytes.readUInt8(offset)) {
      case 0x42: // B
        return begin;
      case 0x43: // C: flags, commit position, end position, time
        return { tag: 'commit', end: bytes.readBigUInt64BE(offset + 10) };
      case 0x49: // I: relation, 'N', new row
        return this.insert();
      case 0x55: // U: relation, optionally 'K' or 'O' with an old row, 'N', new row
        return this.update();
      case 0x52: // R
        this.relation();
        return other;
      default:
        return other;
    }
  }

  private insert(): ReplicationMessage {
    const relation = this.knownRelation();
    this.at += 1;
    return { tag: 'row', row: this.row(relation, 'insert') };
  }

  private update(): ReplicationMessage {
    const relation = this.knownRelation();
    if (this.byte() !== 0x4e) {
      this.row(relation, 'update');
      this.at += 1;
    }
    return { tag: 'row', row: this.row(relation, 'update') };
  }

  private row(relation: Relation, change: ChangedRow['change']): ChangedRow {
    const values: Record<string, string | null> = {};
    const count = this.int16();
    for (let i = 0; i < count; i += 1) {
      const name = relation.columns[i];
      const kind = this.byte();
      // 'n' is null, 'u' a large value that an update left as it was: neither has bytes.
      if (kind === 0x6e && name !== undefined) values[name] = null;
      if (kind === 0x6e || kind === 0x75) continue;
      const end = this.int32() + this.at;
      if (name !== undefined) values[name] = this.bytes.toString('utf8', this.at, end);
      this.at = end;
    }
    return { change, schema: relation.schema, table: relation.table, values };
  }

  private relation(): void {
    const id = this.int32();
    const schema = this.text();
    const table = this.text();
    this.at += 1; // replica identity
    const count = this.int16();
    const columns: (string | undefined)[] = [];
    for (let i = 0; i < count; i += 1) {
      this.at += 1; // flags
      const name = this.text();
      columns.push(this.wanted.has(name) ? name : undefined);
      this.at += 8; // type and its modifier
    }
    this.relations.set(id, { schema, table, columns });
  }

  private knownRelation(): Relation {
    const id = this.int32();
    const relation = this.relations.get(id);
    if (!relation) throw new Error(`RELAY_PROTOCOL: a row of relation ${id}, which Postgres has not described`);
    return relation;
  }

  private byte(): number {
    return this.bytes.readUInt8(this.at++);
  }

  private int16(): number {
    this.at += 2;
    return this.bytes.readInt16BE(this.at - 2);
  }

  private int32(): number {
    this.at += 4;
    return this.bytes.readInt32BE(this.at - 4);
  }

  private text(): string {
    const end = this.bytes.indexOf(0, this.at);
    const text = this.bytes.toString('utf8', this.at, end);
    this.at = end + 1;
    return text;
  }
}
