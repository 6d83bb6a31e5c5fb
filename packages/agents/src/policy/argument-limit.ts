import { isDeepStrictEqual } from 'node:util';
import { foreignLinks } from './links.js';
import { secretIn } from './secrets.js';

/** What a tool takes for one of its arguments; `field` is a name, or a path with dots. */
export type ArgumentLimit =
  /** an amount of money in minor units: up to `autoMax` it passes, up to `max` a person has to approve it */
  | { readonly kind: 'amount'; readonly field: string; readonly autoMax: number; readonly max: number }
  /** the id that the run is about, by its name in the run's subject: nobody else's */
  | { readonly kind: 'own'; readonly field: string; readonly subject: string }
  | { readonly kind: 'one-of'; readonly field: string; readonly values: readonly (string | number | boolean | null)[] }
  /** text: so long at most, and with links to these hosts only; none by default */
  | {
      readonly kind: 'text';
      readonly field: string;
      readonly charsMax: number;
      readonly linkHosts?: readonly string[];
    };

/** What a limit says of arguments that it does not take. */
export interface LimitProblem {
  readonly verdict: 'approve' | 'refuse';
  readonly code: string;
  readonly detail: string;
}

type Arguments = Readonly<Record<string, unknown>>;

/** What a limit says of these arguments; null when they are within it. An argument that is not there is beyond any limit. */
export function limitProblem(limit: ArgumentLimit, given: Arguments, subject: Arguments): LimitProblem | null {
  const value = valueAt(given, limit.field);
  switch (limit.kind) {
    case 'amount':
      return amountProblem(limit, value);
    case 'own': {
      const own = subject[limit.subject];
      if (typeof own === 'string' && own !== '' && value === own) return null;
      return refuse('SUBJECT_NOT_OWN', `${limit.field} must be the ${limit.subject} that the run is about`);
    }
    case 'one-of':
      if (limit.values.some((allowed) => isDeepStrictEqual(allowed, value))) return null;
      return refuse('VALUE_NOT_ALLOWED', `${limit.field} must be one of ${limit.values.map(String).join(', ')}`);
    case 'text':
      return textProblem(limit, value);
  }
}

function amountProblem(
  { field, autoMax, max }: Extract<ArgumentLimit, { kind: 'amount' }>,
  value: unknown,
): LimitProblem | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) {
    return refuse('AMOUNT_INVALID', `${field} must be a positive whole number of minor units`);
  }
  if (value > max) return refuse('AMOUNT_ABOVE_LIMIT', `${field} is ${value}, at most ${max} are possible`);
  if (value <= autoMax) return null;
  const detail = `${field} is ${value}; above ${autoMax} a person approves`;
  return { verdict: 'approve', code: 'AMOUNT_NEEDS_APPROVAL', detail };
}

function textProblem(
  { field, charsMax, linkHosts = [] }: Extract<ArgumentLimit, { kind: 'text' }>,
  value: unknown,
): LimitProblem | null {
  if (typeof value !== 'string') return refuse('TEXT_INVALID', `${field} must be text`);
  if (value.length > charsMax) {
    return refuse('TEXT_TOO_LONG', `${field} has ${value.length} characters, at most ${charsMax} are possible`);
  }
  const [foreign] = foreignLinks(value, linkHosts);
  if (foreign !== undefined) return refuse('LINK_NOT_ALLOWED', `${field} links to ${foreign.slice(0, 80)}`);
  return null;
}

/** The kind of a secret that stands anywhere in the arguments, or null. */
export function secretInArguments(value: unknown, known: readonly string[]): string | null {
  if (typeof value === 'string') return secretIn(value, known);
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, inner] of Object.entries(value)) {
    const found = secretIn(name, known) ?? secretInArguments(inner, known);
    if (found !== null) return found;
  }
  return null;
}

function valueAt(given: Arguments, path: string): unknown {
  let value: unknown = given;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Arguments)[name];
  }
  return value;
}

function refuse(code: string, detail: string): LimitProblem {
  return { verdict: 'refuse', code, detail };
}
