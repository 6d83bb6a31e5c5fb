/** The endpoint in the subject of a webhook's effect: `<endpoint>/<hookId>`. */
export function endpointOf(subjectId: string): string {
  return subjectId.slice(0, subjectId.indexOf('/'));
}

/** The breaker of a webhook's endpoint. */
export function breakerOf(subjectId: string): string {
  return `hooks/${endpointOf(subjectId)}`;
}
