/** What the second step makes of the first's: the same in all sides. */
export function answer({ id, n }, { orders }) {
  return { id, verdict: orders > 3 ? 'review' : 'approve', score: n * 31 + orders };
}
