import type { Letter } from './letters.js';

/** Dead letters of one type, reason and handler. */
export interface Group {
  readonly service: string;
  readonly type: string;
  readonly reason: string;
  readonly handler: string;
  /** within the period */
  readonly count: number;
  /** within the period of the same length before it */
  readonly before: number;
  /** of those within the period, not redriven or discarded yet */
  readonly open: number;
  /** the newest one's id */
  readonly sample: string;
}

/** The groups with something in the period that begins at `since`, biggest first. `letters` are newest first. */
export function groupsOf(letters: readonly Letter[], since: number): Group[] {
  const groups = new Map<string, Group>();
  for (const { id, service, type, reason, handler, failedAt, status } of letters) {
    const key = [service, type, reason, handler].join('\u0000');
    const group = groups.get(key) ?? { service, type, reason, handler, count: 0, before: 0, open: 0, sample: id };
    const now = failedAt >= since;
    groups.set(key, {
      ...group,
      count: group.count + (now ? 1 : 0),
      before: group.before + (now ? 0 : 1),
      open: group.open + (now && status === 'open' ? 1 : 0),
    });
  }
  return [...groups.values()].filter(({ count }) => count > 0).sort((one, other) => other.count - one.count);
}

/** How the count went since the period before: `new`, `+3`, `-2` or `=`. */
export function trendOf({ count, before }: Pick<Group, 'count' | 'before'>): string {
  if (before === 0) return 'new';
  const change = count - before;
  return change === 0 ? '=' : `${change > 0 ? '+' : ''}${change}`;
}
