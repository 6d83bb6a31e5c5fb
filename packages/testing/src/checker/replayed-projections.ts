import { contractOf, isContract } from '@towpath/contracts/catalogue';
import type { Projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import { canonical } from './chain-links.js';
import { Findings, type EventRow, type Verdict } from './evidence.js';

/** A row of a store's `projections`. */
export interface ProjectedRow {
  readonly name: string;
  readonly key: string;
  readonly state: unknown;
}

/** I6: the rows of every projection of one service are what a replay of its events gives. */
export class ReplayedProjections {
  private readonly folded = new Map<string, unknown>();
  private readonly kept = new Map<string, unknown>();

  constructor(
    private readonly schema: string,
    private readonly projections: readonly Projection<unknown>[],
  ) {}

  event(row: EventRow): void {
    const event = foldable(row);
    for (const projection of this.projections) {
      for (const key of projection.keysOf(event)) {
        const name = `${projection.name}/${key}`;
        const state = projection.evolve(this.folded.get(name), event, key);
        if (state === undefined) this.folded.delete(name);
        else this.folded.set(name, state);
      }
    }
  }

  row({ name, key, state }: ProjectedRow): void {
    if (this.projections.some((projection) => projection.name === name)) this.kept.set(`${name}/${key}`, state);
  }

  verdict(): Verdict {
    const findings = new Findings(`I6 projections of ${this.schema} are a replay of its events`);
    for (const name of new Set([...this.folded.keys(), ...this.kept.keys()])) {
      const [replayed, kept] = [this.folded.get(name), this.kept.get(name)].map((state) => canonical(asStored(state)));
      findings.check(replayed === kept, () => `${name}: kept ${shown(kept)}, a replay gives ${shown(replayed)}`);
    }
    return findings.verdict();
  }
}

/** As handlers see events: personal data is ciphertext in the store and never part of a row. */
function foldable(row: EventRow): DomainEvent {
  const data = { ...row.data };
  for (const { name } of isContract(row.type) ? contractOf(row.type).pii : []) data[name] = null;
  const { id, stream, type, metadata, occurred_at: occurredAt } = row;
  return { id, stream, type, data, metadata: metadata as DomainEvent['metadata'], occurredAt };
}

/** JSON has no undefined. */
function asStored(state: unknown): unknown {
  return state === undefined ? null : (JSON.parse(JSON.stringify(state)) as unknown);
}

function shown(text: string | undefined): string {
  return (text ?? 'nothing').slice(0, 300);
}
