/** What one member did in its turn. */
export interface Turn {
  readonly member: string;
  /** as JSON */
  readonly said: unknown;
  /** SHA-256 of what it said, letter case and white space aside */
  readonly saidHash: string;
}

/** How a pattern looks after a turn. */
export interface Standing {
  readonly history: readonly Turn[];
  /** the pattern's own work is done */
  readonly done: boolean;
  /** the pattern's own risk has come true */
  readonly refused?: { readonly code: string; readonly reason: string } | undefined;
}

/** Whether a pattern goes on, and how it ends. */
export type Ending =
  | { readonly kind: 'goes_on' }
  | { readonly kind: 'done' }
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/**
 * The one rule by which every pattern ends, asked after each turn: refused, when its own risk has come true; done, when its work is;
 * repeated, when the member whose turn it was said what it had said before. Otherwise it goes on. Its limits end it before a turn is
 * begun, see Meter.
 */
export function endingOf({ history, done, refused }: Standing): Ending {
  if (refused) return { kind: 'refused', ...refused };
  if (done) return { kind: 'done' };
  const last = history.at(-1);
  const before = history.slice(0, -1);
  if (last && before.some(({ member, saidHash }) => member === last.member && saidHash === last.saidHash)) {
    return { kind: 'repeated' };
  }
  return { kind: 'goes_on' };
}
