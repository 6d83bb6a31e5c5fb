/** What a message is to its receivers: see "Words" in the README. */
export type Kind = 'event' | 'command' | 'platform' | 'internal';

/** What a model may see of a field. */
export type PromptRule = 'never' | 'masked' | 'allowed';

/** A field that names a person; encrypted before append with the key of the subject that `subject` names. */
export interface PiiField {
  readonly name: string;
  /** the sibling field that holds the id of the person whose key encrypts this one */
  readonly subject: string;
}

/**
 * One Avro schema with its topic, key, kind and producers; made by `npm run generate` from `schemas/`.
 * `T` is the shape of its data: longs are numbers within ±(2^52 - 1), bytes are Buffers, unions with null are `T | null`.
 * `Type` is its name as a literal, so that two contracts with the same fields are still different types.
 */
export interface Contract<T = unknown, Type extends string = string> {
  /** `<domain>.v<n>.<Name>`; the `ce_type` on the wire and the record's full Avro name */
  readonly type: Type;
  readonly name: string;
  readonly kind: Kind;
  /** `{service}` in it stands for the producing service */
  readonly topic: string;
  /** the aggregate whose ordered events this one belongs to; the stream id is `<stream>-<key>` */
  readonly stream: string;
  /** the field whose value is the Kafka key and the id of the aggregate */
  readonly key: string;
  /** services that may produce it; empty when any service may: `platform`, and what each keeps to itself */
  readonly producers: readonly string[];
  /** how long the event store keeps it before it may be archived: `forever` or a number of days, such as `90d` */
  readonly retention: string;
  /** the fields that are encrypted; always of the top level, always text or null */
  readonly pii: readonly PiiField[];
  /** the rule of each field that has one; a `pii` field without its own is `never` */
  readonly prompt: Readonly<Record<string, PromptRule>>;
  /** how often one handler and subject may stand in a causal path that leads to it, and why more than the usual 5 */
  readonly repeats?: { readonly max: number; readonly reason: string };
  readonly doc: string;
  /** the Avro schema with our extra attributes, as registered */
  readonly schema: object;
  /** never set; carries `T` for the compiler */
  readonly data?: T;
}

/** The data type of a contract: `DataOf<typeof ChargeSucceeded>`. */
export type DataOf<C> = C extends Contract<infer T> ? T : never;

/** The stream a message belongs to: `payment-pi_123`. */
export function streamOf(contract: Contract, data: unknown): string {
  return `${contract.stream}-${keyOf(contract, data)}`;
}

/** The Kafka key of a message, which is also the id of its aggregate. */
export function keyOf(contract: Contract, data: unknown): string {
  return String((data as Record<string, unknown>)[contract.key]);
}

/** Whether `service` may append messages of the contract. */
export function mayProduce({ kind, producers }: Pick<Contract, 'kind' | 'producers'>, service: string): boolean {
  const anybodys = producers.length === 0 && (kind === 'platform' || kind === 'internal');
  return anybodys || producers.includes(service);
}

/** The topic a message of this contract travels on when `service` produces it. */
export function topicOf(contract: Contract, service: string): string {
  return contract.topic.replace('{service}', service);
}
