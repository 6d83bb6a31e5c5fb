import { changeOf, wantedColumns } from './event-row.js';
import { PgoutputReader } from './pgoutput.js';

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

function relation(id: number, schema: string, table: string, columns: string[]): Buffer {
  const described = columns.flatMap((name) => [Buffer.from([0]), text(name), int32(25), int32(-1)]);
  return Buffer.concat([
    Buffer.from('R'),
    int32(id),
    text(schema),
    text(table),
    Buffer.from('f'),
    int16(columns.length),
    ...described,
  ]);
}

function tuple(values: (string | null)[]): Buffer {
  const cells = values.map((value) =>
    value === null
      ? Buffer.from('n')
      : Buffer.concat([Buffer.from('t'), int32(Buffer.byteLength(value)), Buffer.from(value)]),
  );
  return Buffer.concat([int16(values.length), ...cells]);
}

const insert = (id: number, values: (string | null)[]): Buffer =>
  Buffer.concat([Buffer.from('I'), int32(id), Buffer.from('N'), tuple(values)]);
const update = (id: number, old: (string | null)[], values: (string | null)[]): Buffer =>
  Buffer.concat([Buffer.from('U'), int32(id), Buffer.from('O'), tuple(old), Buffer.from('N'), tuple(values)]);

const columns = ['position', 'stream', 'version', 'id', 'type', 'kind', 'data', 'metadata', 'xact', 'occurred_at'];
const row = [
  '7',
  'payment-ü',
  '2',
  'id-1',
  'payments.v1.X',
  'event',
  '{"a":"ü"}',
  '{}',
  '742',
  '2026-01-31 12:00:00+00',
];

function readAll(...messages: Buffer[]) {
  const reader = new PgoutputReader(wantedColumns);
  return messages.map((message) => reader.read(Buffer.concat([Buffer.alloc(25), message]), 25));
}

describe('PgoutputReader', () => {
  it('reads the wanted columns of an insert and skips the others', () => {
    const [, message] = readAll(relation(9, 'fraud', 'events', columns), insert(9, row));
    expect(message).toMatchObject({ tag: 'row', row: { change: 'insert', schema: 'fraud', table: 'events' } });
    const values = message?.tag === 'row' ? message.row.values : {};
    expect(values).toMatchObject({ stream: 'payment-ü', data: '{"a":"ü"}', version: '2' });
    expect(Object.keys(values)).not.toContain('xact');
  });

  it('tells the schema of the table, not of the row', () => {
    const [, , message] = readAll(
      relation(9, 'fraud', 'events', columns),
      relation(10, 'triage', 'events', columns),
      insert(10, row),
    );
    const change = message?.tag === 'row' ? changeOf(message.row) : undefined;
    expect(change).toMatchObject({ tag: 'event', row: { schema: 'triage', id: 'id-1', version: 2 } });
  });

  it('never takes an update of a stored event for an event', () => {
    const [, message] = readAll(relation(9, 'fraud', 'events', columns), update(9, row, row));
    expect(message?.tag === 'row' && changeOf(message.row).tag).toBe('tampered');
  });

  it('never publishes an internal event', () => {
    const internal = row.map((value) => (value === 'event' ? 'internal' : value));
    const [, message] = readAll(relation(9, 'fraud', 'events', columns), insert(9, internal));
    expect(message?.tag === 'row' && changeOf(message.row).tag).toBe('none');
  });

  it('reads the heartbeat behind the old row of an update', () => {
    const [, message] = readAll(
      relation(3, 'cdc', 'heartbeat', ['id', 'beat_at', 'safe_xid']),
      update(3, ['1', null, null], ['1', '2026-01-31 12:00:00+00', '771']),
    );
    expect(message?.tag === 'row' && changeOf(message.row)).toEqual({
      ...{ tag: 'heartbeat', safeXid: '771' },
      beatAt: Date.UTC(2026, 0, 31, 12),
    });
  });

  it('reads the end of a transaction', () => {
    const commit = Buffer.alloc(26);
    commit[0] = 0x43;
    commit.writeBigUInt64BE(0x16_b374_d800n, 2);
    commit.writeBigUInt64BE(0x16_b374_d848n, 10);
    expect(readAll(commit)).toEqual([{ tag: 'commit', end: 0x16_b374_d848n }]);
  });

  it('refuses a row of a table that was not described', () => {
    expect(() => readAll(insert(9, row))).toThrow('RELAY_PROTOCOL');
  });
});
