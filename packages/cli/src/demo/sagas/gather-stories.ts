import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OnboardingCompleted } from '@towpath/contracts/growth/OnboardingCompleted.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import type { PlannedStory, StoryEnd } from './planned-sagas.js';
import type { SeenStory } from './saga-verdict.js';

const EVENTS_MAX = 1_000;

interface Act {
  readonly provider: string;
  readonly action: string;
  readonly subject: string;
  /** of a letter: its subject line */
  readonly body?: { readonly subject?: string };
}

/** What the stores and the sandbox's log hold, read once for all stories. */
export interface StoryEvidence {
  readonly sagas: readonly InspectedEvent[];
  readonly growth: readonly InspectedEvent[];
  readonly acts: readonly Act[];
}

export async function gatherStories(inspector: Inspector, home: string): Promise<StoryEvidence> {
  const [sagas, growth] = await Promise.all(
    ['saga_orchestrator', 'growth'].map((schema) => inspector.recent({ schema, limit: EVENTS_MAX })),
  );
  // Newest first in the answer; a story is told from its beginning.
  return {
    sagas: sagas!.toReversed(),
    growth: growth!.toReversed(),
    acts: ['effects.jsonl', 'acts.jsonl'].flatMap((file) => actsIn(join(home, 'sandbox', file))),
  };
}

/** What became of a story. */
export function seenOf({ definition, key, email }: PlannedStory, evidence: StoryEvidence): SeenStory {
  const letters = evidence.acts.filter(({ action, subject }) => action === 'mail' && subject === email).length;
  const around = { letters, doubles: doublesOf([key, email], evidence.acts) };
  if (definition === null) return { ...onboarded(evidence), ...around };
  const own = evidence.sagas.filter(({ data }) => isOf(data as Named, definition, key));
  const changes = own
    .filter(({ type }) => type === SagaStepChanged.type)
    .flatMap(({ data }) => (data as SagaStepChanged).changes)
    .filter(({ state }) => state === 'completed');
  const end = own.filter(({ type }) => type === SagaEnded.type).at(-1);
  const ended = end?.data as SagaEnded | undefined;
  const done = changes.filter(({ side }) => side === 'act');
  return {
    ...{ end: (ended?.outcome as StoryEnd | undefined) ?? null, code: ended?.code ?? null },
    undone: changes.filter(({ side }) => side === 'undo').map(({ step }) => step),
    ways: Object.fromEntries(done.map(({ step, way }) => [step, way])),
    openReviews: ended ? openReviews(ended.sagaId, evidence.sagas) : 0,
    ...around,
    endedAt: end?.occurredAt.getTime() ?? null,
  };
}

interface Named {
  readonly definition?: string;
  readonly key?: string;
}

function isOf(data: Named, definition: string, key: string): boolean {
  return data.definition === definition && data.key === key;
}

/** A fresh platform has one sign-up. */
function onboarded({ growth }: StoryEvidence): Omit<SeenStory, 'letters' | 'doubles'> {
  const [done, ...more] = growth.filter(({ type }) => type === OnboardingCompleted.type);
  const end = done && more.length === 0 ? 'completed' : null;
  return { end, code: null, undone: [], ways: {}, openReviews: 0, endedAt: done?.occurredAt.getTime() ?? null };
}

function openReviews(sagaId: string, events: readonly InspectedEvent[]): number {
  const idOf = ({ data }: InspectedEvent): string => (data as { reviewId: string }).reviewId;
  const asked = events.filter(({ type }) => type === ReviewRequested.type).map(idOf);
  const closed = new Set(events.filter(({ type }) => type === ReviewClosed.type).map(idOf));
  return asked.filter((id) => id.includes(sagaId) && !closed.has(id)).length;
}

/** What was done more than once: one thing for one subject, or one letter to one address. */
function doublesOf(subjects: readonly string[], acts: readonly Act[]): string[] {
  const names = acts.filter(({ subject }) => subjects.some((one) => subject.includes(one))).map(nameOf);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}

function nameOf({ provider, action, subject, body }: Act): string {
  return [provider, action, subject, ...(action === 'mail' ? [body?.subject] : [])].join(' ');
}

function actsIn(file: string): Act[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const { outcome, ...act } = JSON.parse(line) as Act & { readonly outcome: string };
    return outcome === 'acted' ? [act] : [];
  });
}
