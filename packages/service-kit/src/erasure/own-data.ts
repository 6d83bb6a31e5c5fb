import type { Projection } from '@towpath/event-store/projection';
import type { EventStore } from '@towpath/event-store/types';
import type { Vault } from '@towpath/event-store/vault';

/** What a service holds of anybody; the kit provides it. */
export class OwnData {
  constructor(
    readonly store: Pick<EventStore, 'query' | 'heldDepths'>,
    readonly vault: Pick<Vault, 'keysFor' | 'eraseDeadLetters'>,
    private readonly projections: readonly Projection<unknown>[],
  ) {}

  /** The rows that its projections may have of a person. */
  rowsOf(subject: string): { readonly projection: Projection<unknown>; readonly key: string }[] {
    return this.projections.flatMap((projection) =>
      (projection.personal?.keysOf(subject) ?? []).map((key) => ({ projection, key })),
    );
  }
}
