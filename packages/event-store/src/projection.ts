import { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';
import { isOf } from './fold.js';
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
  /** which rows are a person's; absent when none is */
  readonly personal?: PersonalRows<Row>;
  /** the address of one row */
  at(key: string): RowRef;
}

/** Rows that tell of a person. They go when the service appends that it forgot the person. */
export interface PersonalRows<Row> {
  /** the rows of an erased person, by the id that names the person's key */
  keysOf(subject: string): readonly string[];
  /** what must stay of a row and names nobody; without it nothing does */
  bared?(row: Row): Row | undefined;
}

/** A projection from its definition. It drops its personal rows by itself, so a replay drops them, too. */
export function projection<Row>(definition: Omit<Projection<Row>, 'at'>): Projection<Row> {
  const { name, personal, keysOf, evolve } = definition;
  const at = (key: string): RowRef => ({ name, key });
  if (!personal) return { ...definition, at };
  return {
    ...definition,
    at,
    keysOf: (event) => (isOf(SubjectForgotten, event) ? personal.keysOf(event.data.subject) : keysOf(event)),
    evolve(row, event, key) {
      if (!isOf(SubjectForgotten, event)) return evolve(row, event, key);
      return row === undefined ? undefined : personal.bared?.(row);
    },
  };
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
