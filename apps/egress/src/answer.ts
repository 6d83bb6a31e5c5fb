import type { OutboundResponse } from '@towpath/outbound/exchange';
import type { CallResult, ProbeResult } from './provider.js';

/** A provider's reply, read as JSON where it is some. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** undefined when the body is no JSON */
  readonly json: unknown;
}

export function answerOf({ status, headers, body }: OutboundResponse): Answer {
  try {
    return { status, headers, json: JSON.parse(body.toString('utf8')) as unknown };
  } catch {
    return { status, headers, json: undefined };
  }
}

/** What follows from a reply's status alone; undefined for success. It is what most providers mean by it. */
export function verdictOf(answer: Answer): CallResult | undefined {
  const { status } = answer;
  if (isSuccess(status)) return undefined;
  const detail = `status ${status}: ${messageIn(answer.json)}`;
  if (status === 429) return notActed('RATE_LIMITED_BY_PROVIDER', detail, retryAfterMsOf(answer));
  // Our key is wrong or may not do this: nothing was done, and a person may mend it while the effect is tried.
  if (status === 401 || status === 403) return notActed('PROVIDER_REFUSED_KEY', detail);
  // Somebody changes the same thing, or the provider gave up waiting for us: only a look can tell.
  if (status === 408 || status === 409) return { kind: 'unknown', code: 'PROVIDER_BUSY', detail };
  if (status >= 500) return { kind: 'unknown', code: 'PROVIDER_FAILED', detail };
  // A redirect is never followed, and whoever answers with one did nothing.
  return { kind: 'refused', code: codes[status] ?? (status < 400 ? 'REDIRECTED' : 'REFUSED_BY_PROVIDER'), detail };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

const codes: Readonly<Record<number, string>> = { 404: 'NOT_FOUND', 410: 'GONE', 413: 'TOO_LARGE', 422: 'INVALID' };

/** The same for a read: what it says about an effect that was asked for. */
export function failureOf(verdict: CallResult): ProbeResult {
  if (verdict.kind === 'done' || verdict.kind === 'rehearsed') return { kind: 'unavailable', detail: verdict.kind };
  if (verdict.kind === 'refused' && (verdict.code === 'NOT_FOUND' || verdict.code === 'GONE'))
    return { kind: 'impossible', code: verdict.code, detail: verdict.detail };
  return { kind: 'unavailable', detail: `${verdict.code}: ${verdict.detail}` };
}

/** `Retry-After` in milliseconds, given in seconds or as a date (RFC 9110, 10.2.3); undefined when there is none. */
export function retryAfterMsOf({ headers }: Pick<Answer, 'headers'>, now = Date.now()): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function notActed(code: string, detail: string, retryAfterMs?: number): CallResult {
  return { kind: 'not-acted', code, detail, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

const MESSAGE_CHARS_MAX = 300;

/** What a provider says went wrong. The ledger keeps it for ever, so addresses that it repeats are left out. */
function messageIn(json: unknown): string {
  return json === undefined ? 'no JSON' : withoutAddresses(JSON.stringify(json)).slice(0, MESSAGE_CHARS_MAX);
}

/** Text of somebody else's without e-mail addresses. */
export function withoutAddresses(text: string): string {
  return text.replace(/[^\s@"'<>,:]+@[^\s@"'<>,]+/g, '[address]');
}

/** The value at a path of names in JSON that somebody else wrote; undefined where there is none. */
export function at(json: unknown, ...path: readonly (string | number)[]): unknown {
  let value: unknown = json;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string | number, unknown>)[name];
  }
  return value;
}

/** A string or number at a path, as text. */
export function textAt(json: unknown, ...path: readonly (string | number)[]): string | undefined {
  const value = at(json, ...path);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

/** A list at a path; empty where there is none. */
export function listAt(json: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const value = at(json, ...path);
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}
