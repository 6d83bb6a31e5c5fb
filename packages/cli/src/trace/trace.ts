import { openInspector, type InspectedEvent } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { factsOf } from '../watch/facts.js';
import { clockTime, nameOf } from '../watch/watch-line.js';
import { findStories, type Story } from './find-stories.js';
import { relationsTo, treeLines, treeOf, type Relation, type StoryEvent, type StoryNode } from './story-tree.js';

interface Delivery {
  readonly source: string | undefined;
  readonly providerType: string | undefined;
  readonly receivedAt: number;
}

/**
 * Shows what came of a delivery, from webhook to effect. Of an event that is asked for, the tree marks what caused it and what it
 * led to. Throws STORY_NOT_FOUND.
 */
export async function trace(context: Context, addresses: Addresses, id: string): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const stories = await findStories(inspector, id);
    if (stories.length === 0) {
      throw new CliError(
        'STORY_NOT_FOUND',
        `no store knows ${id}; give the id of a delivery, event or payment. ` +
          'Just sent? Try again in a second. Refused by ingress? See `towpath deliveries list --rejected`.',
      );
    }
    for (const story of stories) showStory(context, story, id);
  } finally {
    await inspector.close();
  }
}

function showStory(context: Context, { correlationId, events }: Story, asked: string): void {
  const delivery = deliveryOf(events);
  const tree = treeOf(events.map(storyEventOf), correlationId, delivery.receivedAt);
  const relations = relationsTo(tree, asked);
  const received = new Date(delivery.receivedAt).toISOString();
  const last = Math.max(...events.map(({ occurredAt }) => occurredAt.getTime())) - delivery.receivedAt;
  const { colors } = context;
  const title = [delivery.source, delivery.providerType].filter((part) => part !== undefined).join(' ');
  const lines = [
    `${colors.bold(title || 'story')}  ${correlationId}  ${colors.dim(`received ${received}, last step after ${last} ms`)}`,
    ...treeLines(tree, (node) => related(nodeText(node, colors), relations, node.id, colors)),
    '',
  ];
  context.show(lines.join('\n'), {
    correlationId,
    ...delivery,
    receivedAt: received,
    lastStepMs: last,
    tree,
    relations: Object.fromEntries(relations),
  });
}

const RELATIONS: Readonly<Record<Relation, string>> = {
  cause: 'led to it',
  asked: '<- this one',
  consequence: 'came of it',
};

/** A story of many branches: only one of them is what the event is about. */
function related(text: string, relations: ReadonlyMap<string, Relation>, id: string, colors: Colors): string {
  if (relations.size === 0) return text;
  const relation = relations.get(id);
  return relation ? `${text}  ${colors.cyan(RELATIONS[relation])}` : colors.dim(text);
}

function nodeText(node: StoryNode, colors: Colors): string {
  const latency = node.stepMs === node.ms ? `+${node.ms} ms` : `+${node.ms} ms (step ${node.stepMs} ms)`;
  const about = [node.subject, ...node.facts].join(' · ');
  const time = colors.dim(clockTime(new Date(node.at).toISOString()));
  return `${time} ${node.service}  ${colors.bold(nameOf(node.type))}  ${about}  ${colors.dim(latency)}`;
}

/** When and from where the delivery came, as triage recorded it; else the first event's time. */
function deliveryOf(events: readonly InspectedEvent[]): Delivery {
  const recorded = events.map(({ data }) => data as Readonly<Record<string, unknown>>);
  const delivery = recorded.find(({ receivedAt }) => typeof receivedAt === 'number');
  const first = Math.min(...events.map(({ occurredAt }) => occurredAt.getTime()));
  return {
    source: textIn(delivery?.['source']),
    providerType: textIn(delivery?.['providerType']),
    receivedAt: typeof delivery?.['receivedAt'] === 'number' ? delivery['receivedAt'] : first,
  };
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function storyEventOf({ id, schema, type, stream, data, metadata, occurredAt }: InspectedEvent): StoryEvent {
  return {
    id,
    causationId: metadata.causationId,
    ...returnedOf(data as Readonly<Record<string, unknown>>),
    service: schema,
    type,
    subject: stream,
    facts: factsOf(data),
    at: occurredAt.getTime(),
  };
}

/** What triage records of a delivery names the command whose effect caused it. */
function returnedOf({ deliveryId, causedBy }: Readonly<Record<string, unknown>>): Pick<StoryEvent, 'returned'> {
  if (typeof deliveryId !== 'string' || typeof causedBy !== 'string') return {};
  return { returned: { deliveryId, causedBy } };
}
