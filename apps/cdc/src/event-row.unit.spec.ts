import { changeOf } from './event-row.js';

const values = { stream: 'alert-1', version: '1', kind: 'event', data: '{}', metadata: '{}', archived_at: null };
const changed = (change: 'insert' | 'update', also: Record<string, string | null> = {}) =>
  changeOf({ change, schema: 'triage', table: 'events', values: { ...values, ...also } });

describe('a row of the publication', () => {
  it('is an event when it was inserted, and a change of history when it was updated', () => {
    expect(changed('insert').tag).toBe('event');
    expect(changed('update').tag).toBe('tampered');
  });

  it('is no change of history when an event’s content went to the archive', () => {
    const stub = { data: null, metadata: null, archived_at: '2026-01-31 12:00:00+00' };
    expect(changed('update', stub).tag).toBe('none');
  });

  it('never publishes an internal event', () => {
    expect(changed('insert', { kind: 'internal' }).tag).toBe('none');
  });
});
