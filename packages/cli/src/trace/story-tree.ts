/** A step of a story as stored. */
export interface StoryEvent {
  readonly id: string;
  readonly causationId: string;
  /** of what a delivery became: the delivery, and the command whose effect made the provider send it */
  readonly returned?: { readonly deliveryId: string; readonly causedBy: string };
  readonly service: string;
  readonly type: string;
  /** aggregate id */
  readonly subject: string;
  readonly facts: readonly string[];
  /** milliseconds since the epoch */
  readonly at: number;
}

/** A step with what it led to. */
export interface StoryNode extends StoryEvent {
  /** since the delivery came in */
  readonly ms: number;
  /** since the step that caused it */
  readonly stepMs: number;
  readonly children: readonly StoryNode[];
}

/**
 * The causal tree below the delivery `rootId`. Children stand in order of time; a step whose cause is not among the events
 * stands directly below the delivery. What came of a delivery that an effect of the story caused stands below that effect's command.
 * @param startedAt when the delivery came in, milliseconds since the epoch
 */
export function treeOf(events: readonly StoryEvent[], rootId: string, startedAt: number): readonly StoryNode[] {
  const known = new Set(events.map(({ id }) => id));
  const returned = new Map(
    events.flatMap((event) => (event.returned ? [[event.returned.deliveryId, event.returned.causedBy]] : [])),
  );
  const byCause = new Map<string, StoryEvent[]>();
  for (const event of events) {
    const causationId = returned.get(event.causationId) ?? event.causationId;
    const isCaused = causationId !== event.id && known.has(causationId);
    const cause = isCaused ? causationId : rootId;
    byCause.set(cause, [...(byCause.get(cause) ?? []), event]);
  }
  const placed = new Set<string>();
  const below = (cause: string, causedAt: number): StoryNode[] =>
    (byCause.get(cause) ?? [])
      .filter(({ id }) => !placed.has(id) && placed.add(id))
      .sort((one, other) => one.at - other.at)
      .map((event) => ({
        ...event,
        ms: event.at - startedAt,
        stepMs: event.at - causedAt,
        children: below(event.id, event.at),
      }));
  return below(rootId, startedAt);
}

/** How a step stands to the one that was asked for. */
export type Relation = 'cause' | 'asked' | 'consequence';

/** The step `id` with all that led to it and all that it led to, by id; empty when it is not in the tree. */
export function relationsTo(nodes: readonly StoryNode[], id: string): ReadonlyMap<string, Relation> {
  for (const node of nodes) {
    if (node.id === id) return new Map([[id, 'asked'], ...consequencesOf(node.children)]);
    const below = relationsTo(node.children, id);
    if (below.size > 0) return new Map<string, Relation>([[node.id, 'cause'], ...below]);
  }
  return new Map();
}

function consequencesOf(nodes: readonly StoryNode[]): [string, Relation][] {
  return nodes.flatMap(({ id, children }) => [[id, 'consequence'], ...consequencesOf(children)]);
}

/** The tree's lines as ASCII art; `line` writes one step. */
export function treeLines(nodes: readonly StoryNode[], line: (node: StoryNode) => string, indent = ''): string[] {
  return nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1;
    const own = `${indent}${isLast ? '`- ' : '|- '}${line(node)}`;
    return [own, ...treeLines(node.children, line, `${indent}${isLast ? '   ' : '|  '}`)];
  });
}
