import { taintOf, type Taint } from '@towpath/contracts/taint';
import { KafkaError } from './kafka-error.js';
import type { Headers } from './record.js';

/** The CloudEvents 1.0 attributes and extensions of one message (Kafka binding, binary mode). */
export interface MessageHeaders {
  id: string;
  /** `/services/<schema>` for our own messages */
  source: string;
  type: string;
  time: Date;
  /** the aggregate id */
  subject: string;
  correlationId: string;
  causationId: string;
  /** length of the causal chain */
  hops: number;
  /** up to 64 entries of handler + subject hash, oldest first */
  path: readonly string[];
  /** the stream the message was appended to; absent when it comes from no event store */
  stream?: string;
  /** the version in that stream, from 1 */
  sequence?: number;
  /** SHA-256 of the event, hexadecimal, as its store has it */
  digest?: string;
  /** the event's link in its stream's chain, hexadecimal */
  hash?: string;
  traceparent?: string;
  tracestate?: string;
  /** decided because of a message that was redriven after its key went on */
  late?: true;
  /** the most restrictive label of all that led to it */
  taint?: Taint;
  /** the agents that had a hand in it, separated by spaces; SPIFFE id of the one that asks where there is a proof */
  agent?: string;
  /** signed by an agent: that it may ask for exactly this */
  proof?: string;
}

const SPEC_VERSION = '1.0';
const CONTENT_TYPE = 'application/avro';
const PATH_SEPARATOR = ',';

/** The Kafka headers of a message. */
export function buildHeaders(message: MessageHeaders): Headers {
  const headers: Headers = {
    ce_id: message.id,
    ce_source: message.source,
    ce_specversion: SPEC_VERSION,
    ce_type: message.type,
    ce_time: message.time.toISOString(),
    ce_subject: message.subject,
    ce_correlationid: message.correlationId,
    ce_causationid: message.causationId,
    ce_hops: String(message.hops),
    'content-type': CONTENT_TYPE,
  };
  if (message.path.length > 0) headers.ce_path = message.path.join(PATH_SEPARATOR);
  if (message.stream !== undefined) headers.ce_stream = message.stream;
  if (message.sequence !== undefined) headers.ce_sequence = String(message.sequence);
  if (message.digest !== undefined) headers.ce_digest = message.digest;
  if (message.hash !== undefined) headers.ce_hash = message.hash;
  if (message.traceparent !== undefined) headers.traceparent = message.traceparent;
  if (message.tracestate !== undefined) headers.tracestate = message.tracestate;
  if (message.late) headers.ce_late = 'true';
  if (message.taint !== undefined) headers.ce_taint = message.taint;
  if (message.agent !== undefined) headers.ce_agent = message.agent;
  if (message.proof !== undefined) headers.ce_proof = message.proof;
  return headers;
}

/**
 * The inverse. Correlation, causation and hops may be missing (another team's message): it then starts a story of its
 * own. Throws `UNDECODABLE` when a required attribute is missing or not of its form.
 */
export function parseHeaders(headers: Headers): MessageHeaders {
  const id = required(headers, 'ce_id');
  const time = new Date(required(headers, 'ce_time'));
  if (Number.isNaN(time.getTime())) throw undecodable('ce_time', 'an RFC 3339 time');
  const message: MessageHeaders = {
    id,
    source: required(headers, 'ce_source'),
    type: required(headers, 'ce_type'),
    time,
    subject: headers.ce_subject ?? '',
    correlationId: headers.ce_correlationid || id,
    causationId: headers.ce_causationid || id,
    hops: wholeNumber(headers, 'ce_hops') ?? 0,
    path: headers.ce_path ? headers.ce_path.split(PATH_SEPARATOR) : [],
  };
  const sequence = wholeNumber(headers, 'ce_sequence');
  if (sequence !== undefined) message.sequence = sequence;
  for (const [field, name] of OPTIONAL_TEXTS) if (headers[name] !== undefined) message[field] = headers[name];
  if (headers.ce_late === 'true') message.late = true;
  if (headers.ce_taint !== undefined) message.taint = taintOf(headers.ce_taint);
  return message;
}

/**
 * The trace context as the event's store has it, which its digest covers. A relay that traces puts its own span into
 * `traceparent`, and leaves what the store has in `ce_traceparent`.
 */
export function storedTraceOf(headers: Headers): Pick<MessageHeaders, 'traceparent' | 'tracestate'> {
  const { ce_traceparent, ce_tracestate, ...plain } = headers;
  const traceparent = ce_traceparent ?? plain.traceparent;
  const tracestate = ce_traceparent === undefined ? plain.tracestate : ce_tracestate;
  return { ...(traceparent !== undefined && { traceparent }), ...(tracestate !== undefined && { tracestate }) };
}

const OPTIONAL_TEXTS = [
  ['stream', 'ce_stream'],
  ['digest', 'ce_digest'],
  ['hash', 'ce_hash'],
  ['agent', 'ce_agent'],
  ['proof', 'ce_proof'],
  ['traceparent', 'traceparent'],
  ['tracestate', 'tracestate'],
] as const;

function required(headers: Headers, name: string): string {
  const value = headers[name];
  if (!value) throw undecodable(name, 'a non-empty text');
  return value;
}

function wholeNumber(headers: Headers, name: string): number | undefined {
  const value = headers[name];
  if (value === undefined) return undefined;
  if (!/^\d{1,15}$/.test(value)) throw undecodable(name, 'a whole number');
  return Number(value);
}

function undecodable(name: string, form: string): KafkaError {
  return new KafkaError(
    'UNDECODABLE',
    `header ${name} must be ${form}; produce with the CloudEvents Kafka binding, binary mode`,
  );
}
