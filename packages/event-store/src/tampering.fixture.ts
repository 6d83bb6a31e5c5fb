import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { digestOf, firstLink, nextLink } from './chain.js';
import { eventColumns, storedEventOf } from './rows.js';
import { textRowsOf } from './text-rows.js';
import type { StoredEvent } from './types.js';

/** Where a change is made, and its dice. */
export interface Scene {
  readonly client: pg.Client;
  /** `schema.events` */
  readonly table: string;
  /** a whole number from 0 and below `below` */
  random(below: number): number;
}

/** One way to falsify history. */
export interface Change {
  /** false when the row it chose was as it would have made it */
  make(scene: Scene): Promise<boolean>;
  /** the same at a place of the caller's choice */
  at?(client: pg.Client, table: string, stream: string, version: number): Promise<void>;
}

/** SQL that sets one column of one row to something else; `$2`: something random. */
const values: Readonly<Record<string, string>> = {
  'stream, to a new one': "stream = 'spec-elsewhere-' || $2::int",
  'version, to a free one': 'version = version + 1000 + $2::int',
  'version, to a negative one': 'version = -1 - version',
  id: 'id = md5($2::int::text)::uuid',
  type: "type = case type when 'spec.v1.Opened' then 'spec.v1.Noted' else 'spec.v1.Opened' end",
  kind: "kind = case kind when 'event' then 'internal' else 'event' end",
  'data, a member': "data = jsonb_set(data, '{note}', to_jsonb('forged ' || $2::int))",
  'data, a new member': "data = data || jsonb_build_object('more', $2::int)",
  'data, a member less': "data = data - 'amount'",
  'data, deep inside': "data = jsonb_set(data, '{nested,list,0}', to_jsonb($2::int + 2))",
  'data, a digit that no double has':
    "data = jsonb_set(data, '{amount}', to_jsonb((data ->> 'amount')::numeric + 1e-20))",
  'data, a zero at the end of a number': "data = jsonb_set(data, '{nested,list,0}', '1.0')",
  'data, of another kind': "data = jsonb_set(data, '{big}', to_jsonb(data ->> 'big'))",
  'data, gone': "data = '{}'",
  'data, null': 'data = null',
  'metadata, null': 'metadata = null',
  'data and metadata, null': 'data = null, metadata = null',
  'archived, with its content': 'archived_at = now()',
  'metadata, the cause': "metadata = jsonb_set(metadata, '{causationId}', to_jsonb(gen_random_uuid()))",
  'metadata, a new member': 'metadata = metadata || \'{"actor": "someone"}\'',
  'digest, a byte': 'digest = set_byte(digest, $2::int % 32, (get_byte(digest, $2::int % 32) + 1) % 256)',
  'hash, a byte': 'hash = set_byte(hash, $2::int % 32, (get_byte(hash, $2::int % 32) + 1) % 256)',
  'time, by a millisecond': "occurred_at = occurred_at + interval '1 millisecond'",
  'time, by a microsecond': "occurred_at = occurred_at + interval '1 microsecond'",
  'time, by a year': "occurred_at = occurred_at - interval '1 year'",
};

/** Only what a checkpoint vouches for: of a younger event neither its chain nor its topic tells them. */
const coveredValues: Readonly<Record<string, string>> = {
  position: 'position = position + 100000',
  'transaction, to an earlier one': "xact = '3'",
  'transaction, to a later one': 'xact = pg_current_xact_id()',
};

/** Every change, by what it does. */
export const changes: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(Object.entries(values).map(([name, set]) => [name, update(set, '')])),
  ...Object.fromEntries(
    Object.entries(coveredValues).map(([name, set]) => [name, update(set, "where data ->> 'note' <> 'round 2'")]),
  ),
  'row deleted': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random }, PUBLISHED);
      return changed(client, `delete from ${table} where position = $1`, [row.position]);
    },
  },
  'rows swapped, two versions of a stream': {
    make: async ({ client, table, random }) => {
      const [one, other] = await neighbours({ client, table, random });
      await client.query(`update ${table} set version = -1 where position = $1`, [one.position]);
      await client.query(`update ${table} set version = $2 where position = $1`, [other.position, one.version]);
      return changed(client, `update ${table} set version = $2 where position = $1`, [one.position, other.version]);
    },
  },
  'rows swapped, with the chain computed anew': {
    make: async ({ client, table, random }) => {
      const [one, other] = await neighbours({ client, table, random });
      await client.query(`update ${table} set version = -1 where position = $1`, [one.position]);
      await client.query(`update ${table} set version = $2 where position = $1`, [other.position, one.version]);
      await client.query(`update ${table} set version = $2 where position = $1`, [one.position, other.version]);
      return rehash(client, table, one.stream);
    },
  },
  'contents swapped, two rows': {
    make: async ({ client, table, random }) => {
      const [one, other] = await neighbours({ client, table, random });
      const text = `update ${table} e set data = o.data, metadata = o.metadata, digest = o.digest from ${table} o
        where (e.position, o.position) in (($1, $2), ($2, $1))`;
      return changed(client, text, [one.position, other.position]);
    },
  },
  'row inserted at the end, as if it had been there': inserted(false),
  'row inserted in the middle, with the chain computed anew': inserted(true),
  'row inserted as of now, without its hash': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random });
      return changed(
        client,
        `insert into ${table} (stream, version, id, type, kind, data, metadata, digest, hash, occurred_at)
         select stream, (select max(version) + 1 from ${table} where stream = $2), $3, type, kind, data, metadata, digest, hash, occurred_at
         from ${table} where position = $1`,
        [row.position, row.stream, randomUUID()],
      );
    },
  },
  'stream of one event made up': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random });
      const stream = `spec-made-up-${random(1_000_000)}`;
      await client.query(
        `insert into ${table} (stream, version, id, type, kind, data, metadata, digest, hash, xact, occurred_at)
         select $2, 1, $3, type, kind, data, metadata, digest, hash, '3', occurred_at from ${table} where position = $1`,
        [row.position, stream, randomUUID()],
      );
      return rehash(client, table, stream);
    },
  },
  'tail cut off': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random }, PUBLISHED);
      return changed(client, `delete from ${table} where stream = $1 and version >= $2`, [row.stream, row.version]);
    },
  },
  'stream deleted': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random });
      return changed(client, `delete from ${table} where stream = $1`, [row.stream]);
    },
  },
  'log cut off at its end': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random });
      // An internal event at the very end is on no topic; what is cut off here holds others, too.
      return changed(
        client,
        `delete from ${table} where position >= least($1::bigint, (select max(position) - 3 from ${table} where kind = 'event'))`,
        [row.position],
      );
    },
  },
  'store emptied': { make: async ({ client, table }) => changed(client, `delete from ${table}`, []) },
  'edit with the chain computed anew': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random }, PUBLISHED);
      await editAt(client, table, row.stream, row.version);
      return true;
    },
    at: editAt,
  },
  'deletion with the chain computed anew': {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random }, PUBLISHED);
      await client.query(`delete from ${table} where position = $1`, [row.position]);
      await client.query(`update ${table} set version = -version where stream = $1 and version > $2`, [
        row.stream,
        row.version,
      ]);
      await client.query(`update ${table} set version = -version - 1 where stream = $1 and version < 0`, [row.stream]);
      await rehash(client, table, row.stream);
      return true;
    },
  },
};

/** An internal event after the last checkpoint is on no topic: only its chain holds it. */
const PUBLISHED = "where kind = 'event' or data ->> 'note' <> 'round 2'";

function update(set: string, where: string): Change {
  return {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random }, where);
      return changed(client, `update ${table} set ${set} where position = $1 and $2::int is not null`, [
        row.position,
        random(1_000_000),
      ]);
    },
  };
}

/** A row that was never appended, within the time that checkpoints cover. */
function inserted(inTheMiddle: boolean): Change {
  return {
    make: async ({ client, table, random }) => {
      const row = await anyRow({ client, table, random }, "where data ->> 'note' <> 'round 2'");
      const version = inTheMiddle
        ? row.version
        : `(select max(version) + 1 from ${table} where stream = '${row.stream}')`;
      if (inTheMiddle) {
        await client.query(`update ${table} set version = -version where stream = $1 and version >= $2`, [
          row.stream,
          row.version,
        ]);
        await client.query(`update ${table} set version = -version + 1 where stream = $1 and version < 0`, [
          row.stream,
        ]);
      }
      await client.query(
        `insert into ${table} (stream, version, id, type, kind, data, metadata, digest, hash, xact, occurred_at)
         select stream, ${version}, $2, type, kind, data || '{"note": "made up"}', metadata, digest, hash, xact, occurred_at from ${table} where position = $1`,
        [row.position, randomUUID()],
      );
      await rehash(client, table, row.stream);
      return true;
    },
  };
}

async function editAt(client: pg.Client, table: string, stream: string, version: number): Promise<void> {
  await client.query(`update ${table} set data = data || '{"note": "forged"}' where stream = $1 and version = $2`, [
    stream,
    version,
  ]);
  await rehash(client, table, stream);
}

/** What an attacker who knows the format does: every digest and hash of the stream as they would have been. */
async function rehash(client: pg.Client, table: string, stream: string): Promise<boolean> {
  let link = firstLink(stream);
  const events = (
    await textRowsOf(client as never)(
      `select ${eventColumns('e')} from ${table} e where stream = $1 order by version`,
      [stream],
    )
  ).map((row) => storedEventOf(row));
  for (const [index, event] of events.entries()) {
    const digest = digestOf(event);
    link = nextLink(link, index + 1, digest);
    await client.query(`update ${table} set digest = $2, hash = $3 where position = $1`, [
      event.position,
      digest,
      link,
    ]);
  }
  return true;
}

type Row = Pick<StoredEvent, 'position' | 'stream' | 'version'>;

async function anyRow({ client, table, random }: Scene, where = ''): Promise<Row> {
  const { rows } = await client.query<{ position: string; stream: string; version: string }>(
    `select position, stream, version from ${table} ${where} order by position`,
  );
  const row = rows[random(rows.length)]!;
  return { ...row, version: Number(row.version) };
}

async function neighbours(scene: Scene): Promise<[Row, Row]> {
  for (;;) {
    const one = await anyRow(scene, PUBLISHED);
    const { rows } = await scene.client.query<{ position: string }>(
      `select position from ${scene.table} where stream = $1 and version = $2`,
      [one.stream, one.version + 1],
    );
    if (rows[0]) return [one, { ...one, position: rows[0].position, version: one.version + 1 }];
  }
}

async function changed(client: pg.Client, text: string, parameters: unknown[]): Promise<boolean> {
  return ((await client.query(text, parameters)).rowCount ?? 0) > 0;
}
