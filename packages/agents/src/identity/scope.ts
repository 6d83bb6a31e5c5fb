/** What an agent may do: `<domain>:<verb>`, such as `tickets:reply`. There is no wildcard. */
export type Scope = `${string}:${string}`;

/**
 * What only people do. An agent that could hold one of these could widen its own scopes, approve its own acts or let itself go on
 * after somebody stopped it; so no declaration may name them, and no token carries them.
 */
export const RESERVED_DOMAINS: readonly string[] = ['agents', 'approvals', 'operators', 'policy', 'reviews', 'vault'];

const FORM = /^[a-z][a-z0-9-]{0,31}:[a-z][a-z0-9-]{0,31}$/;

/** Why these can not be an agent's scopes; null when they can. */
export function scopeProblem(scopes: readonly string[]): { readonly code: string; readonly detail: string } | null {
  for (const scope of scopes) {
    if (!FORM.test(scope)) {
      return { code: 'SCOPE_INVALID', detail: `"${scope}" is no scope: write <domain>:<verb>, such as tickets:reply` };
    }
    if (RESERVED_DOMAINS.includes(scope.slice(0, scope.indexOf(':')))) {
      return { code: 'SCOPE_RESERVED', detail: `${scope} is for people alone: no agent may hold it` };
    }
  }
  const repeated = scopes.find((scope, index) => scopes.indexOf(scope) !== index);
  return repeated === undefined ? null : { code: 'SCOPE_INVALID', detail: `${repeated} stands there twice` };
}

/** Throws SCOPE_INVALID or SCOPE_RESERVED unless an agent may hold exactly these. */
export function assertScopes(scopes: readonly string[]): void {
  const problem = scopeProblem(scopes);
  if (problem) throw Object.assign(new Error(`${problem.code}: ${problem.detail}`), { code: problem.code });
}
