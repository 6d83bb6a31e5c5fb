import type { DemoRow } from '../demo-verdict.js';
import type { PlannedStory, StoryEnd } from './planned-sagas.js';

/** What the stores, and the sandbox's own log, say of one story. */
export interface SeenStory {
  readonly end: StoryEnd | null;
  /** stable code of why it was undone or needs a person */
  readonly code: string | null;
  /** steps that were taken back, in the order they were */
  readonly undone: readonly string[];
  /** by step, the way it was done */
  readonly ways: Readonly<Record<string, string>>;
  readonly openReviews: number;
  /** letters to the story's customer */
  readonly letters: number;
  /** things that were done more than once at a third party */
  readonly doubles: readonly string[];
  /** when it ended, ms since the epoch; null while it runs */
  readonly endedAt: number | null;
}

export interface StoryRow {
  readonly planned: PlannedStory;
  /** HTTP status of the delivery */
  readonly answer: number;
  /** when its last byte was sent, ms since the epoch */
  readonly sentAt: number;
  readonly seen: SeenStory;
}

export interface SagaSummary {
  readonly completed: number;
  readonly compensated: number;
  readonly needsHuman: number;
  readonly alternateWays: number;
  readonly recovered: number;
  readonly onboarded: number;
  readonly doubleEffects: number;
}

/** What was not as it must be: every story ends once, the way it has to, with exactly its own undoing and letters. */
export function storyProblems(rows: readonly StoryRow[]): string[] {
  return rows.flatMap(({ planned, answer, seen }) => {
    if (answer !== 202) return [`${planned.name}: answered ${answer}`];
    const problems: string[] = [];
    if (seen.end !== planned.end) problems.push(`${seen.end ?? 'did not end'}, not ${planned.end}`);
    const [undone, wanted] = [seen.undone, planned.undone].map((steps) => steps.join(', ') || 'nothing');
    if (undone !== wanted) problems.push(`undid ${undone}, not ${wanted}`);
    const reviews = planned.end === 'needs_human' ? 1 : 0;
    if (seen.openReviews !== reviews) problems.push(`${seen.openReviews} open reviews, not ${reviews}`);
    const [step, way] = planned.way ?? [];
    if (step !== undefined && seen.ways[step] !== way)
      problems.push(`${step} by ${seen.ways[step] ?? '-'}, not ${way}`);
    if (seen.letters < planned.letters) problems.push(`${seen.letters} letters, not ${planned.letters}`);
    problems.push(...seen.doubles.map((double) => `done twice: ${double}`));
    return problems.map((problem) => `${planned.name}: ${problem}`);
  });
}

export function sagaSummary(rows: readonly StoryRow[]): SagaSummary {
  const ended = (end: StoryEnd, definition: (name: string | null) => boolean = (name) => name !== null): number =>
    rows.filter(({ planned, seen }) => seen.end === end && definition(planned.definition)).length;
  return {
    ...{ completed: ended('completed'), compensated: ended('compensated'), needsHuman: ended('needs_human') },
    alternateWays: rows.filter(({ planned: { way }, seen }) => way && seen.ways[way[0]] === way[1]).length,
    recovered: ended('completed', (name) => name === 'payment-recovery'),
    onboarded: ended('completed', (name) => name === null),
    doubleEffects: rows.reduce((sum, { seen }) => sum + seen.doubles.length, 0),
  };
}

export function storyRow({ planned, answer, sentAt, seen }: StoryRow): DemoRow {
  const ms = seen.endedAt === null ? null : Math.max(0, Math.round(seen.endedAt - sentAt));
  const effect = seen.undone.length > 0 ? `undid ${seen.undone.join(', ')}` : (planned.way?.[1] ?? '-');
  return { delivery: planned.name, answer, decision: seen.end ?? '-', effect, ms };
}
