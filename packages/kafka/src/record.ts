/** Header names and values, decoded as UTF-8. */
export interface Headers {
  [name: string]: string;
}

/** A header's name and bytes; null where the producer gave none. */
export type RawHeader = readonly [name: string, value: Buffer | null];

/** One Kafka record as read, undecoded. */
export interface InboundRecord {
  topic: string;
  partition: number;
  /** a 64-bit integer in decimal */
  offset: string;
  /** when it was produced, in milliseconds since the epoch */
  timestamp: number;
  key: Buffer | null;
  /** `null` is a tombstone */
  value: Buffer | null;
  headers: Headers;
  /** the bytes as they came; of a repeated header the last one counts */
  rawHeaders: Record<string, Buffer>;
  /** headers that `rawHeaders` can't hold: earlier values of a repeated name, and names without a value; absent when there are none */
  otherHeaders?: readonly RawHeader[];
}

/** One record to be sent. The key is required: a keyless record may move to another partition on a retry (K14). */
export interface OutboundRecord {
  topic: string;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
}

/** What this package needs of a logger; pino fits. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
