/** A step of a story as stored. */
export interface StoryEvent {
  readonly id: string;
  readonly causationId: string;
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
 * stands directly below the delivery.
 * @param startedAt when the delivery came in, milliseconds since the epoch
 */
export function treeOf(events: readonly StoryEvent[], rootId: string, startedAt: number): readonly StoryNode[] {
  const known = new Set(events.map(({ id }) => id));
  const byCause = new Map<string, StoryEvent[]>();
  for (const event of events) {
    const isCaused = event.causationId !== event.id && known.has(event.causationId);
    const cause = isCaused ? event.causationId : rootId;
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

/** The tree's lines as ASCII art; `line` writes one step. */
export function treeLines(nodes: readonly StoryNode[], line: (node: StoryNode) => string, indent = ''): string[] {
  return nodes.flatMap((node, index) => {
    const isLast = index === nodes.length - 1;
    const own = `${indent}${isLast ? '`- ' : '|- '}${line(node)}`;
    return [own, ...treeLines(node.children, line, `${indent}${isLast ? '   ' : '|  '}`)];
  });
}
