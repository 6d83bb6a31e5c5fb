/** So many dead letters of one group within an hour raise an alert. */
export const ALERT_AT = 5;
export const HOUR_MS = 3_600_000;

/** The latest dead letters of one type, reason and handler. */
export interface Group {
  /** times of the last 5, oldest first, milliseconds since the epoch */
  readonly failedAt: readonly number[];
  readonly raisedAt: number | null;
}

/** The group after another dead letter. */
export function withFailure(group: Group, at: number): Group {
  return { ...group, failedAt: [...group.failedAt, at].sort((one, other) => one - other).slice(-ALERT_AT) };
}

/** Whether people are to be told now: 5 within an hour, and not told of this group within the last hour. */
export function alertDue({ failedAt, raisedAt }: Group, now: number): boolean {
  const first = failedAt[failedAt.length - ALERT_AT];
  if (first === undefined || now - first > HOUR_MS) return false;
  return raisedAt === null || now - raisedAt >= HOUR_MS;
}
