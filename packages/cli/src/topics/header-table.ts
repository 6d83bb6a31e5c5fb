import type { RawHeader } from '@towpath/kafka/record';

/** A header with what it means. */
export type HeaderRow = readonly [name: string, value: string, meaning: string];

/** What CloudEvents and our extensions say, in the order in which one asks. */
const MEANINGS: Readonly<Record<string, (value: string) => string>> = {
  ce_id: () => 'id of this message; a repeat has the same',
  ce_type: () => 'contract',
  ce_source: (value) =>
    value.startsWith('/services/') ? `service ${value.slice('/services/'.length)}` : 'who said it',
  ce_subject: () => 'aggregate',
  ce_time: (value) => ageOf(value),
  ce_specversion: () => 'CloudEvents version',
  ce_correlationid: (value) => `the story: towpath trace ${value}`,
  ce_causationid: () => 'the message that caused this one',
  ce_hops: (value) => `${value} ${value === '1' ? 'step' : 'steps'} after the delivery`,
  ce_late: () => 'redriven after its key had gone on, or because of such a message',
  ce_taint: () => 'the most restrictive label of all that led to it',
  ce_agent: () => 'agents that had a hand in it',
  ce_proof: () => 'signed by an agent: that it may ask for exactly this',
  ce_path: (value) => value.split(',').join(' → '),
  ce_stream: () => 'stream it was appended to',
  ce_sequence: () => 'its version in that stream',
  ce_digest: () => 'SHA-256 of the event as stored',
  ce_hash: () => 'its link in the chain of that stream',
  traceparent: (value) => traceOf(value),
  tracestate: () => 'of other tracing systems',
  ce_traceparent: (value) => `as its store has it: ${traceOf(value)}`,
  ce_tracestate: () => 'as its store has it',
  'content-type': () => 'form of the value',
};

/** Every header with its meaning; those we know first, each in its place, the others as they came. */
export function headerRows(headers: readonly RawHeader[]): HeaderRow[] {
  const order = Object.keys(MEANINGS);
  const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return headers
    .map(([name, bytes]): HeaderRow => {
      const value = textOf(bytes);
      return [name, value, MEANINGS[name]?.(value) ?? ''];
    })
    .sort(([one], [other]) => place(one) - place(other));
}

/** Text as it is; what is no text as hexadecimal. */
function textOf(bytes: Buffer | null): string {
  if (bytes === null) return 'null';
  const text = bytes.toString('utf8');
  return /[\uFFFD\p{Cc}]/u.test(text) ? `0x${bytes.toString('hex')}` : text;
}

/** W3C Trace Context: `version-trace-span-flags`. TOWPATH_TRACE_URL with `{trace}` in it makes it a link. */
function traceOf(value: string): string {
  const [, trace, span, flags] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})/.exec(value) ?? [];
  if (trace === undefined || span === undefined) return 'not of the form of W3C Trace Context';
  const link = process.env['TOWPATH_TRACE_URL']?.replace('{trace}', trace);
  const sampled = Number.parseInt(flags!, 16) % 2 === 1 ? '' : ', not sampled';
  return `trace ${link ?? trace}, span ${span}${sampled}`;
}

function ageOf(time: string): string {
  const ms = Date.now() - Date.parse(time);
  if (Number.isNaN(ms)) return 'no time';
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s ago`;
  return seconds < 172_800 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 86_400)} days ago`;
}
