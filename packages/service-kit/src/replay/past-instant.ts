import type { RowRef, StoredEvent, StoredRow } from '@towpath/event-store/types';
import type { Folds } from '../folds.js';
import { rowsAt } from './past-rows.js';
import type { PastStore, PastView } from './past-store.js';

/** A service's store as it was before a position of its log. Rows are folded anew at each question. */
export class PastInstant implements PastView {
  constructor(
    private readonly store: Pick<PastStore, 'schema' | 'query'>,
    private readonly folds: Folds,
    private readonly position: string,
  ) {}

  eventsOf(_stream: string, stored: readonly StoredEvent[]): readonly StoredEvent[] {
    const at = BigInt(this.position);
    return stored.filter(({ position }) => BigInt(position) < at);
  }

  async rows(refs: readonly RowRef[]): Promise<readonly StoredRow[]> {
    const [rows] = await rowsAt(this.store, this.folds, [{ position: this.position, rows: refs }]);
    return [...rows!.values()];
  }
}
