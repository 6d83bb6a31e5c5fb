/** One value within a state that an event changed. */
export interface StateChange {
  /** `openReview.reviewId`, `open[2]`; empty for the whole state */
  readonly path: string;
  /** absent: it came */
  readonly before?: unknown;
  /** absent: it went */
  readonly after?: unknown;
}

/** What differs between two states as JSON, value by value, in order of their names. Empty = nothing. */
export function stateChanges(before: unknown, after: unknown, path = ''): StateChange[] {
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, at) => stateChanges(before[at], after[at], `${path}[${at}]`)).flat();
  }
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return names.flatMap((name) => stateChanges(before[name], after[name], path === '' ? name : `${path}.${name}`));
  }
  if (Object.is(before, after)) return [];
  return [{ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
