/** Why a delivery was refused: status, title and the fix that every refusal of this code has. Stable; documented. */
const REFUSALS = {
  SOURCE_UNKNOWN: { status: 404, title: 'Unknown source' },
  METHOD_REFUSED: { status: 405, title: 'Method not allowed' },
  ADDRESS_REFUSED: { status: 403, title: 'Address not allowed' },
  SIGNATURE_MISSING: { status: 401, title: 'Signature missing' },
  SIGNATURE_DUPLICATE: { status: 401, title: 'Signature header repeated' },
  SIGNATURE_MALFORMED: { status: 401, title: 'Signature malformed' },
  SIGNATURE_INVALID: { status: 401, title: 'Signature invalid' },
  TIMESTAMP_OUT_OF_RANGE: { status: 401, title: 'Timestamp out of range' },
  EVENT_TIME_MISSING: { status: 400, title: 'Event time missing' },
  BODY_INVALID: { status: 400, title: 'Body invalid' },
  BODY_TOO_LARGE: { status: 413, title: 'Body too large' },
  MEDIA_TYPE_REFUSED: { status: 415, title: 'Media type not supported' },
  ENCODING_REFUSED: { status: 415, title: 'Content encoding not supported' },
  HEADERS_TOO_MANY: { status: 431, title: 'Too many headers' },
  REQUEST_MALFORMED: { status: 400, title: 'Request malformed' },
  REQUEST_TOO_SLOW: { status: 408, title: 'Request too slow' },
  RATE_LIMITED: { status: 429, title: 'Too many deliveries' },
  OVERLOADED: { status: 503, title: 'Overloaded' },
  BROKER_UNAVAILABLE: { status: 503, title: 'Broker unavailable' },
  INTERNAL: { status: 500, title: 'Internal error' },
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A refusal as data. `detail` names cause and fix and never holds a secret, a signature or a part of the body. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly detail: string;
  /** whole seconds after which to try again */
  readonly retryAfterSeconds?: number;
}

export const PROBLEM_TYPE = 'application/problem+json';

/** HTTP status of a refusal. */
export function statusOf(code: RefusalCode): number {
  return REFUSALS[code].status;
}

/** The refusal as an RFC 9457 problem document. */
export function problemOf({ code, detail, retryAfterSeconds }: Refusal): string {
  const { status, title } = REFUSALS[code];
  const type = `urn:towpath:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return JSON.stringify({ type, title, status, detail, code, ...(retryAfterSeconds && { retryAfterSeconds }) });
}
