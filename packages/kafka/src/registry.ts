import confluent from '@kafkajs/confluent-schema-registry';
import { decode } from '@towpath/contracts/codec';
import { topicOf, type Contract } from '@towpath/contracts/contract';
import { inBatches } from './in-batches.js';
import { KafkaError, reasonOf } from './kafka-error.js';
import { fileOf, FIX, isRefusal, statusOf, unavailable } from './registry-answers.js';
import { unframe } from './wire.js';

export interface RegistryOptions {
  /** the Confluent-compatible API, such as `http://127.0.0.1:18081/apis/ccompat/v7` */
  url: string;
  clientId: string;
  /** the end of one request; default 5 s */
  requestTimeoutMs?: number;
}

/** A contract as the registry holds it. */
export interface RegisteredContract {
  type: string;
  /** one per topic it travels on: `<topic>-<record full name>` */
  subjects: string[];
  schemaId: number;
}

/** A contract that breaks those who read or wrote it before. */
export interface Incompatibility {
  type: string;
  subject: string;
  file: string;
  reason: string;
  fix: string;
}

/** A value with the schema it was written with. */
export interface DecodedValue {
  schemaId: number;
  /** the record's full name */
  type: string;
  data: unknown;
}

interface RestAnswer {
  data(): Record<string, unknown>;
}

/** The part of the client's REST interface that its typed methods leave out. */
interface Rest {
  Subject: {
    compatible(request: { subject: string; version: 'latest'; body: { schema: string } }): Promise<RestAnswer>;
  };
  Schema: { find(request: { id: number }): Promise<RestAnswer> };
}

const REQUESTS_AT_ONCE = 4;
const UNKNOWN_REMEMBERED_MS = 10_000;
const SCHEMAS_REMEMBERED_MAX = 5_000;

/** The schema registry: registers contracts, checks them, decodes by id. All methods may throw `REGISTRY_UNAVAILABLE`. */
export class Registry {
  private readonly client: confluent.SchemaRegistry;
  private readonly rest: Rest;
  private readonly schemas = new Map<number, Promise<Contract>>();

  constructor({ url, clientId, requestTimeoutMs = 5_000 }: RegistryOptions) {
    this.client = new confluent.SchemaRegistry({
      host: url,
      clientId,
      retry: { retries: 2, initialRetryTimeInSecs: 0.1, maxRetryTimeInSecs: 1, factor: 0.2, multiplier: 2 },
      middlewares: [timeoutAfter(requestTimeoutMs)],
    });
    this.rest = (this.client as unknown as { api: Rest }).api;
  }

  /**
   * Registers each contract under every subject it has, with FULL_TRANSITIVE. Idempotent.
   * Throws `SCHEMA_INCOMPATIBLE` naming the file and the fix at the first contract the registry refuses.
   */
  async register(contracts: readonly Contract[], services: readonly string[]): Promise<RegisteredContract[]> {
    return inBatches(contracts, REQUESTS_AT_ONCE, async (contract) => {
      const subjects = subjectsOf(contract, services);
      const ids = new Set<number>();
      for (const subject of subjects) ids.add(await this.registerOne(contract, subject));
      const [schemaId] = ids;
      if (ids.size !== 1 || schemaId === undefined) {
        throw new KafkaError(
          'SCHEMA_INCOMPATIBLE',
          `${fileOf(contract)} has ${ids.size} schema ids over ${subjects.join(', ')}; delete the odd subjects in the registry`,
        );
      }
      return { type: contract.type, subjects, schemaId };
    });
  }

  /** Which contracts the registry would refuse; registers nothing. */
  async check(contracts: readonly Contract[], services: readonly string[]): Promise<Incompatibility[]> {
    const found = await inBatches(contracts, REQUESTS_AT_ONCE, async (contract) => {
      const checks = subjectsOf(contract, services).map((subject) => this.checkOne(contract, subject));
      return (await Promise.all(checks)).filter((problem) => problem !== undefined);
    });
    return found.flat();
  }

  /** The schema that a subject holds now; undefined when the registry has no such subject. */
  async latest(subject: string): Promise<{ schemaId: number; schema: object } | undefined> {
    try {
      const schemaId = await this.client.getLatestSchemaId(subject);
      return { schemaId, schema: (await this.schemaOf(schemaId)).schema };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error instanceof KafkaError ? error : unavailable(error);
    }
  }

  /** Decodes a value in the Confluent wire format. Throws `UNDECODABLE` or `SCHEMA_UNKNOWN`. */
  async decode(value: Buffer): Promise<DecodedValue> {
    const { schemaId, payload } = unframe(value);
    const writer = await this.schemaOf(schemaId);
    try {
      return { schemaId, type: writer.type, data: decode(writer, payload) };
    } catch (error) {
      throw new KafkaError(
        'UNDECODABLE',
        `the bytes don't fit schema ${schemaId} (${writer.type}): ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  private async registerOne(contract: Contract, subject: string): Promise<number> {
    try {
      const { id } = await this.client.register(
        { type: confluent.SchemaType.AVRO, schema: JSON.stringify(contract.schema) },
        { subject, compatibility: confluent.COMPATIBILITY.FULL_TRANSITIVE },
      );
      return id;
    } catch (error) {
      if (!isRefusal(error)) throw unavailable(error);
      throw new KafkaError('SCHEMA_INCOMPATIBLE', `${fileOf(contract)} under ${subject}: ${reasonOf(error)}; ${FIX}`, {
        cause: error,
      });
    }
  }

  private async checkOne(contract: Contract, subject: string): Promise<Incompatibility | undefined> {
    const request = { subject, version: 'latest' as const, body: { schema: JSON.stringify(contract.schema) } };
    try {
      const answer = (await this.rest.Subject.compatible(request)).data();
      if (answer.is_compatible !== false) return undefined;
      const reason = Array.isArray(answer.messages)
        ? answer.messages.join('; ')
        : 'readers and writers of earlier versions could not exchange data with it';
      return { type: contract.type, subject, file: fileOf(contract), reason, fix: FIX };
    } catch (error) {
      if (statusOf(error) === 404) return undefined; // a new subject breaks nobody
      throw unavailable(error);
    }
  }

  /** The writer's contract of a schema id, remembered; throws when the registry has none of this id. */
  schemaOf(schemaId: number): Promise<Contract> {
    const known = this.schemas.get(schemaId);
    if (known) return known;
    if (this.schemas.size >= SCHEMAS_REMEMBERED_MAX) this.schemas.clear();
    const loading = this.load(schemaId);
    this.schemas.set(schemaId, loading);
    // A failure is remembered for a while: a topic full of records with an unknown id must not flood the registry.
    loading.catch(() => setTimeout(() => this.schemas.delete(schemaId), UNKNOWN_REMEMBERED_MS).unref());
    return loading;
  }

  private async load(schemaId: number): Promise<Contract> {
    let text: unknown;
    try {
      text = (await this.rest.Schema.find({ id: schemaId })).data().schema;
    } catch (error) {
      if (statusOf(error) === 404)
        throw new KafkaError(
          'SCHEMA_UNKNOWN',
          `the registry has no schema ${schemaId}; was it reset, or is this another registry's record?`,
        );
      throw unavailable(error);
    }
    const schema = JSON.parse(String(text)) as { name: string; namespace?: string };
    const type = schema.namespace ? `${schema.namespace}.${schema.name}` : schema.name;
    return {
      type,
      name: schema.name,
      kind: 'event',
      topic: '',
      stream: '',
      key: '',
      producers: [],
      retention: '',
      pii: [],
      prompt: {},
      doc: '',
      schema,
    };
  }
}

/** TopicRecordName: a topic carries all events of a domain, each with a history of its own. */
export function subjectsOf(contract: Contract, services: readonly string[]): string[] {
  const topics = contract.topic.includes('{service}')
    ? services.map((service) => topicOf(contract, service))
    : [contract.topic];
  return topics.map((topic) => `${topic}-${contract.type}`);
}

type Middleware = NonNullable<ConstructorParameters<typeof confluent.SchemaRegistry>[0]['middlewares']>[number];

/** The client has no time-out of its own: a hung registry would hang its callers. */
function timeoutAfter(milliseconds: number): Middleware {
  return () => ({ prepareRequest: async (next) => (await next()).enhance({ timeout: milliseconds }) });
}
