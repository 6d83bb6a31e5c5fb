import type { AnyFacts, WayDefinition } from '../definition.js';

/** What a way asks for, by name; null where that can not be told without a real instance. */
export interface WayCommands {
  readonly act: string | null;
  /** null also for what nothing takes back */
  readonly undo: string | null;
}

/**
 * The commands of a way, found by making them from facts that answer every question with more of the same. Good enough for
 * a diagram: what a definition makes of real facts is what counts.
 */
export function commandsOf({ do: act, undo }: WayDefinition): WayCommands {
  return { act: nameOf(act), undo: undo === 'irreversible' ? null : nameOf(undo) };
}

function nameOf(make: (facts: AnyFacts) => { readonly contract: { readonly name: string } }): string | null {
  try {
    return make(anything as AnyFacts).contract.name;
  } catch {
    return null;
  }
}

/** Has every property, is callable, is text and a number where one is wanted, and holds nothing when walked through. */
const anything: unknown = new Proxy(() => undefined, {
  get(_target, name) {
    if (name === Symbol.toPrimitive) return (hint: string) => (hint === 'number' ? 1 : 'x');
    if (name === Symbol.iterator) return function* () {};
    if (name === 'toString') return () => 'x';
    return anything;
  },
  apply: () => anything,
});
