import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { decode } from '@towpath/contracts/codec';
import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import type { Registry } from '@towpath/kafka/registry';
import { unframe } from '@towpath/kafka/wire';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import { errorLine } from '../error-line.js';
import { registryOf } from '../follow-topics.js';
import { masked, type View } from '../reveal/mask.js';
import { withInspector } from './show-letters.js';

/** A dead letter's own data as stored; bytes are base64. */
export interface StoredLetter {
  readonly deadLetterId: string;
  readonly handler: string;
  readonly reason: string;
  readonly detail: string;
  readonly stack: string | null;
  readonly place: string | null;
  readonly attempts: number;
  readonly firstFailedAt: number;
  readonly lastFailedAt: number;
  readonly originTopic: string;
  readonly originPartition: number;
  readonly originOffset: string;
  readonly originEventId: string | null;
  readonly originType: string | null;
  readonly messageKey: string | null;
  readonly messageValue: string | null;
  readonly messageHeaders: Readonly<Record<string, string>>;
  readonly otherHeaders?: readonly { readonly name: string; readonly value: string | null }[];
  readonly path?: string;
  readonly redriveOf?: string | null;
}

/** A dead letter as far as the view shows it. */
export interface ViewedLetter {
  /** the service whose store holds it */
  readonly service: string;
  /** detail, stack and value are sealed unless they are revealed */
  readonly letter: StoredLetter;
  readonly sealed: boolean;
  /** DeadLettered and what became of it, oldest first */
  readonly events: readonly InspectedEvent[];
  /** the message's data; undefined when they are sealed or can't be read */
  readonly data: unknown;
  /** why they can't be read */
  readonly undecodable?: string;
}

const TYPE = 'platform.v1.DeadLettered';

/** A dead letter seen by `view`: with its message when the view reveals. Throws DEAD_LETTER_NOT_FOUND, DEAD_LETTER_ARCHIVED or what the view throws. */
export async function viewedLetter(addresses: Addresses, id: string, view: View): Promise<ViewedLetter> {
  const events = await withInspector(addresses, (inspector) => eventsOf(inspector, id));
  const [opened] = events;
  if (!opened)
    throw new CliError('DEAD_LETTER_NOT_FOUND', `no store has a dead letter ${id}; see \`towpath dlq list\`.`);
  if (opened.archived) {
    throw new CliError(
      'DEAD_LETTER_ARCHIVED',
      `dead letter ${id} of ${opened.schema} was given up on ${opened.occurredAt.toISOString()} and kept for its time; its bytes are in the archive, see docs/how-to/retention.md.`,
    );
  }
  const { schema: service, data } = opened;
  const letter = view === masked ? (data as StoredLetter) : ((await view(TYPE, data)) as StoredLetter);
  const sealed = SEALED.test(letter.detail);
  const content = sealed ? { data: undefined } : await contentOf(letter, registryOf(addresses), view);
  return { service, letter, sealed, events, ...content };
}

const SEALED = /^(enc1:|erased$)/;

async function eventsOf(inspector: Inspector, id: string): Promise<InspectedEvent[]> {
  for (const schema of await inspector.schemas()) {
    const rows = await inspector.query<{ id: string }>(
      `select id from "${schema}".events where stream = 'dead-letter-' || $1 order by version`,
      [id],
    );
    const events = await Promise.all(rows.map((row) => inspector.eventById(row.id)));
    if (events.length > 0) return events.filter((event) => event !== undefined);
  }
  return [];
}

type Content = Pick<ViewedLetter, 'data' | 'undecodable'>;

async function contentOf(letter: StoredLetter, registry: Registry, view: View): Promise<Content> {
  const { originType, messageValue } = letter;
  try {
    if (originType === null || !isContract(originType)) throw new Error(`this version knows no contract ${originType}`);
    if (messageValue === null) throw new Error('a tombstone carries no message');
    const value = Buffer.from(messageValue, 'base64');
    if (letter.originTopic === 'timer') return { data: JSON.parse(value.toString()) as unknown };
    const { schemaId, payload } = unframe(value);
    const data = decode(contractOf(originType), payload, (await registry.schemaOf(schemaId)).schema);
    return { data: await view(originType, data) };
  } catch (error) {
    return { data: undefined, undecodable: errorLine(error) };
  }
}
