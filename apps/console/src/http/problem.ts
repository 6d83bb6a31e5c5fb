import type { Refused } from '../review-case.decider.js';

/** RFC 9457 form of what went wrong; `code` is stable, `detail` says what to do. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}

/** Thrown by a route; answered as `application/problem+json`. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly more: {
      readonly headers?: Readonly<Record<string, string>>;
      readonly errors?: ProblemDocument['errors'];
    } = {},
  ) {
    super(`${code}: ${detail}`);
    this.name = 'Problem';
  }

  document(): ProblemDocument {
    const { status, code, detail, more } = this;
    const title = code.toLowerCase().replaceAll('_', ' ');
    return {
      type: `urn:towpath:problem:${code}`,
      title,
      status,
      code,
      detail,
      ...(more.errors && { errors: more.errors }),
    };
  }
}

const STATUSES: Readonly<Record<Refused['code'], number>> = {
  CASE_UNKNOWN: 404,
  DECISION_UNKNOWN: 404,
  CASE_CHANGED: 412,
  ROLE_NOT_ALLOWED: 403,
  ESCALATED: 403,
  NOT_YOURS: 403,
  CHOICE_UNKNOWN: 422,
  CASE_CLOSED: 409,
  CASE_STALE: 409,
  CLAIMED: 409,
  NOT_CLAIMED: 409,
  ASSIGNED: 409,
  DECISION_PENDING: 409,
  UNDO_TOO_LATE: 409,
  FOUR_EYES: 409,
};

/** A refusal of the rules as it is answered. */
export function problemOf({ code, detail }: Refused): Problem {
  return new Problem(STATUSES[code], code, detail);
}
