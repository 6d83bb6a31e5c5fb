import { Findings, type EventRow, type TopicRecord, type Verdict } from './evidence.js';

interface Expected {
  /** versions of the messages that are to be published; what is internal leaves gaps between them */
  readonly versions: number[];
  readonly ids: string[];
  next: number;
  place: string | undefined;
}

/**
 * I3: on its topic the first occurrences of a stream's messages are exactly those of the store, in its order, on one
 * partition; repeats carry the id of the first. First all events, then all records of the topics from offset 0.
 */
export class StreamOrder {
  private readonly streams = new Map<string, Expected>();
  private readonly findings = new Findings('I3 each stream is gap-free and in order on its topic');

  event(schema: string, row: EventRow): void {
    if (row.kind === 'internal') return;
    const name = `${schema} ${row.stream}`;
    const stream = this.streams.get(name) ?? { versions: [], ids: [], next: 0, place: undefined };
    this.streams.set(name, stream);
    stream.versions.push(Number(row.version));
    stream.ids.push(row.id);
  }

  record({ topic, partition, headers }: TopicRecord): void {
    const name = `${(headers['ce_source'] ?? '').replace('/services/', '')} ${headers['ce_stream']}`;
    const version = Number(headers['ce_sequence']);
    const where = `${topic}: ${name} version ${version}`;
    const stream = this.streams.get(name);
    const at = stream?.versions.indexOf(version, Math.max(0, stream.next - RECENT)) ?? -1;
    const index = at === -1 && stream ? stream.versions.indexOf(version) : at;
    this.findings.check(index !== -1, () => `${where} is in no store`);
    if (!stream || index === -1) return;
    this.findings.check(stream.ids[index] === headers['ce_id'], () => `${where} has the id ${headers['ce_id']}`);
    const place = `${topic}/${partition}`;
    this.findings.check((stream.place ??= place) === place, () => `${where} is on ${place}, not ${stream.place}`);
    this.findings.check(index <= stream.next, () => `${where} came before version ${stream.versions[stream.next]}`);
    if (index >= stream.next) stream.next = index + 1;
  }

  verdict(): Verdict {
    for (const [name, { versions, next }] of this.streams) {
      this.findings.check(next >= versions.length, () => `${name} version ${versions[next]} is on no topic`);
    }
    return this.findings.verdict();
  }
}

/** Streams are short and read forwards; what is looked for is nearly always here. */
const RECENT = 8;
