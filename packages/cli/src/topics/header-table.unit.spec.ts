import { attemptText } from './show.js';
import { headerRows } from './header-table.js';

const rows = (headers: Record<string, string | Buffer | null>) =>
  headerRows(Object.entries(headers).map(([name, value]) => [name, value === null ? null : Buffer.from(value)]));

describe('headers of a record', () => {
  it('are explained, those that say what it is first', () => {
    const found = rows({
      other: 'x',
      ce_correlationid: 'story-1',
      ce_source: '/services/fraud',
      ce_id: 'id-1',
      ce_path: 'a,b',
    });
    expect(found.map(([name, , meaning]) => [name, meaning])).toEqual([
      ['ce_id', 'id of this message; a repeat has the same'],
      ['ce_source', 'service fraud'],
      ['ce_correlationid', 'the story: towpath trace story-1'],
      ['ce_path', 'a → b'],
      ['other', ''],
    ]);
  });

  it('lead to the trace', () => {
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    expect(rows({ traceparent: `00-${trace}-00f067aa0ba902b7-00` })[0]?.[2]).toBe(
      `trace ${trace}, span 00f067aa0ba902b7, not sampled`,
    );
    expect(rows({ traceparent: 'x' })[0]?.[2]).toContain('not of the form');
  });

  it('that are no text are shown as hexadecimal, and missing ones as null', () => {
    expect(rows({ a: Buffer.from([0, 0, 0, 7]), b: null }).map(([, value]) => value)).toEqual(['0x00000007', 'null']);
  });
});

describe('an attempt to decode', () => {
  it('is one line with schema, field, byte and reason', () => {
    expect(
      attemptText({
        form: 'value: 0x00 + id',
        applies: true,
        schemaId: 7,
        type: 'spec.v1.Note',
        field: 'id',
        byte: 5,
        reason: 'string needs 30 bytes, 1 are left',
      }),
    ).toBe('value: 0x00 + id (schema 7, spec.v1.Note): field id, byte 5: string needs 30 bytes, 1 are left');
  });
});
