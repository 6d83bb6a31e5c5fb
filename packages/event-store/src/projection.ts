import type { DomainEvent, RowRef } from './types.js';

/**
 * Rows that follow from the service's own appended events (internal ones too), kept in the transaction that appends them.
 * `keysOf` and `evolve` are pure. Rows hold no readable personal data: ciphertext or keyed hashes only.
 */
export interface Projection<Row> {
  readonly name: string;
  /** the rows an event touches; none for events it ignores */
  keysOf(event: DomainEvent): readonly string[];
  /** the row after the event; undefined deletes it */
  evolve(row: Row | undefined, event: DomainEvent, key: string): Row | undefined;
  /** the address of one row */
  at(key: string): RowRef;
}

/** A projection from its definition. */
export function projection<Row>(definition: Omit<Projection<Row>, 'at'>): Projection<Row> {
  return { ...definition, at: (key) => ({ name: definition.name, key }) };
}

/** The rows of a projection after `events`; what a replay gives. */
export function project<Row>(definition: Projection<Row>, events: Iterable<DomainEvent>): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const event of events) {
    for (const key of definition.keysOf(event)) {
      const row = definition.evolve(rows.get(key), event, key);
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
    }
  }
  return rows;
}
