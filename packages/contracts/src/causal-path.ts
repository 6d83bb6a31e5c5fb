/** One step of a causal chain: a handler, and the subject it decided about as a short hash. */
export type PathStep = string;

/**
 * A causal path for people: `RouteDelivery@1f2e → (A@7c0d → B@7c0d) × 5 → A@7c0d`. What repeats without a gap stands once
 * with its count; of several ways to group it, the one that covers most is taken, then the shortest unit.
 */
export function drawPath(path: readonly PathStep[]): string {
  const parts: string[] = [];
  for (let at = 0; at < path.length;) {
    const { length, times } = repetitionAt(path, at);
    const unit = path.slice(at, at + length).join(' → ');
    if (times === 1) parts.push(unit);
    else parts.push(length === 1 ? `${unit} × ${times}` : `(${unit}) × ${times}`);
    at += length * times;
  }
  return parts.join(' → ');
}

function repetitionAt(path: readonly PathStep[], at: number): { length: number; times: number } {
  let best = { length: 1, times: 1 };
  for (let length = 1; at + 2 * length <= path.length; length += 1) {
    let times = 1;
    while (repeats(path, at, length, times)) times += 1;
    if (times > 1 && length * times > best.length * best.times) best = { length, times };
  }
  return best;
}

/** Whether the unit of `length` steps at `at` stands again after it was there `times` times. */
function repeats(path: readonly PathStep[], at: number, length: number, times: number): boolean {
  const next = at + length * times;
  if (next + length > path.length) return false;
  for (let step = 0; step < length; step += 1) if (path[at + step] !== path[next + step]) return false;
  return true;
}
