import { all } from '@towpath/contracts/catalogue';
import { services, topicSettings } from '@towpath/contracts/topics';
import type { ChainHead } from '@towpath/event-store/checkpoint-chain';
import { signatureFault, type PublicKeys, type Statement } from '@towpath/event-store/checkpoint';
import { loadKeys } from '@towpath/event-store/checkpoint-keys';
import type { Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import { publishedEventOf, type PublishedEvent } from '@towpath/event-store/published';
import { nothingVerified, verifyStores, type Finding, type Verified } from '@towpath/event-store/verify-stores';
import { checkpointRecords, lastCheckpoint } from '@towpath/kafka/checkpoints';
import { inspect } from '@towpath/kafka/inspect';
import { quietLogger } from '../quiet-logger.js';

/** What is verified, and against what. */
export interface VerifyTarget {
  readonly inspector: Inspector;
  readonly brokers: readonly string[];
  /** these stores; default: all that there must be */
  readonly schemas?: readonly string[];
  readonly stream?: string;
  /** the archive's folder, when its files are verified, too */
  readonly archive?: string;
  /** looks at all that topics hold, not only at what they got since the last checkpoint */
  readonly allTopics?: boolean;
  /** default: all that relays write */
  readonly topics?: readonly string[];
  /** the keys to believe; default: those that set-up wrote into the database */
  readonly keys?: PublicKeys;
  readonly verified?: Verified;
}

/** The last checkpoint, as the verification sees it; undefined when none was signed yet. */
export interface Anchor {
  readonly log: string;
  readonly keys: PublicKeys;
  readonly last: Statement | undefined;
  readonly signedLast: number;
}

/** Clocks of two machines differ a little, and a transaction may end some time after it began. */
const MARGIN_MS = 60_000;

/** Where the checkpoints end now. */
export async function anchorOf({ inspector, brokers, keys }: VerifyTarget): Promise<Anchor> {
  const known = keys ?? (await loadKeys(inspector.client));
  const [row] = await inspector.query<{ log: string; number: string }>(lastText, []);
  const log = row?.log ?? DEFAULT_LOG;
  const signed = await lastCheckpoint(clientOf(brokers), log, (one) => signatureFault(one, known) === undefined);
  const last = signed && (JSON.parse(signed.statement) as Statement);
  return { log, keys: known, last, signedLast: Number(row?.number ?? 0) };
}

/** Every change to what the stores hold, as it is found; see `verifyStores`. */
export async function* verifyPlatform(target: VerifyTarget, anchor: Anchor): AsyncGenerator<Finding> {
  const { inspector, brokers, stream, archive, topics = writtenTopics() } = target;
  yield* verifyStores({
    client: inspector.client,
    schemas: target.schemas ?? (await storesOf(inspector)),
    ...(stream !== undefined && { stream }),
    ...(archive !== undefined && { archive }),
    checkpoints: checkpointRecords(clientOf(brokers), anchor.log),
    keys: anchor.keys,
    baseline: anchor.last?.baseline ?? 1,
    signedLast: anchor.signedLast,
    published: (head) => published(brokers, topics, target.allTopics ? undefined : head),
    verified: target.verified ?? nothingVerified(),
  });
}

/** Those that set-up listed, and those that the contracts know: a row that was taken out of the list hides nothing. */
export async function storesOf(inspector: Inspector): Promise<string[]> {
  const known = services().flatMap(({ name, store }) => (store ? [schemaOf(name)] : []));
  return [...new Set([...known, ...(await inspector.schemas())])].sort();
}

/** What the topics say of events, all topics at once: each read takes its time to begin. */
async function* published(
  brokers: readonly string[],
  topics: readonly string[],
  head: ChainHead | undefined,
): AsyncGenerator<PublishedEvent> {
  const from = head ? { time: new Date(Date.parse(head.statement.signedAt) - MARGIN_MS) } : ('beginning' as const);
  const reads = topics.map((topic) => inspect({ ...clientOf(brokers), topic, from }));
  const first = await Promise.all(reads.map(async (read) => ({ read, next: await read.next() })));
  for (const { read, next } of first) {
    for (let step = next; !step.done; step = await read.next()) {
      const event = publishedEventOf(step.value.headers);
      if (event) yield event;
    }
  }
}

/** Topics with events of stores: not those that ingress writes, nor the checkpoints themselves. */
function writtenTopics(): string[] {
  const others = new Set(
    all().flatMap(({ topic, producers }) =>
      producers.some((one) => one === 'ingress' || one === 'cdc') ? [topic] : [],
    ),
  );
  return topicSettings().flatMap(({ name }) => (others.has(name) ? [] : [name]));
}

export function clientOf(brokers: readonly string[]) {
  return { brokers: [...brokers], clientId: 'towpath-verify', logger: quietLogger };
}

const DEFAULT_LOG = 'towpath_relay';

/** One that was signed just now may be on its way to the topic. */
const lastText = `select log, number - (signed_at > clock_timestamp() - interval '2 minutes')::int as number
  from cdc.checkpoints order by signed_at desc limit 1`;
