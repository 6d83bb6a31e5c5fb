import type { Provider } from '@towpath/sources/providers';
import { objectAt, type Json } from '../object-keys/object-key.js';
import type { Refusal } from '../refusal.js';
import { TOLERANCE_SECONDS } from '../schemes/scheme.js';
import { githubTime } from './github.js';

/** When the event of a body happened, milliseconds since the epoch; null when the body does not tell. Never throws. */
export type EventTimeOf = (body: Json) => number | null;

/** Old deliveries of a scheme that signs no time are refused: longer than any provider tries again, and no longer. */
export const EVENT_AGE_HOURS_MAX = 24;

const HOUR_MS = 3_600_000;

/** Where each provider's bodies tell when their event happened. */
export const EVENT_TIMES: Readonly<Record<Provider, EventTimeOf>> = {
  stripe: (body) => seconds(body['created']),
  zendesk: (body) => dateTime(body['time'] ?? body['timestamp']),
  intercom: (body) => seconds(body['created_at']),
  email: (body) => dateTime(body['timestamp']),
  loans: (body) => dateTime(body['timestamp']),
  shop: (body) => dateTime(body['timestamp']),
  customers: (body) => dateTime(body['timestamp']),
  github: githubTime,
  notion: (body) => dateTime(body['timestamp']),
  platform: (body) => dateTime(body['timestamp']),
  operator: (body) => dateTime(objectAt(body)['timestamp']),
};

/** The refusal of a delivery whose scheme signs no time, by the event time that its signed body tells; null when that is fine. */
export function eventTimeRefusal(eventTime: number | null, nowMs: number): Refusal | null {
  if (eventTime === null) {
    const detail =
      'The scheme signs no time and the body tells none, so that it could be sent again for ever; subscribe to events that tell their time.';
    return { code: 'EVENT_TIME_MISSING', detail };
  }
  if (eventTime - nowMs > TOLERANCE_SECONDS * 1000) {
    const detail = `The event is more than ${TOLERANCE_SECONDS} s ahead of our clock; check both clocks.`;
    return { code: 'TIMESTAMP_OUT_OF_RANGE', detail };
  }
  if (nowMs - eventTime <= EVENT_AGE_HOURS_MAX * HOUR_MS) return null;
  const detail = `The event is older than ${EVENT_AGE_HOURS_MAX} h, and its scheme signs no time; ask the provider for its present state instead.`;
  return { code: 'TIMESTAMP_OUT_OF_RANGE', detail };
}

function seconds(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) * 1000 : null;
}

/** An RFC 3339 time with its zone. Without one it would mean another time on another machine. */
export function dateTime(value: unknown): number | null {
  if (typeof value !== 'string' || !DATE_TIME.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})$/;
