import type { StoredEvent } from '../types.js';

/**
 * Counts the archived events that a projection may have had rows of: whose type it uses, or of which no other is left to tell.
 * A replay leaves them out, so live rows may hold more than it gives.
 */
export class LeftOut {
  private readonly used = new Set<string>();
  private readonly unused = new Set<string>();
  private readonly archived = new Map<string, number>();

  event({ type, archived }: StoredEvent, isUsed: boolean): void {
    if (archived) this.archived.set(type, (this.archived.get(type) ?? 0) + 1);
    else (isUsed ? this.used : this.unused).add(type);
  }

  get count(): number {
    const mayMatter = [...this.archived].filter(([type]) => this.used.has(type) || !this.unused.has(type));
    return mayMatter.reduce((sum, [, events]) => sum + events, 0);
  }
}
