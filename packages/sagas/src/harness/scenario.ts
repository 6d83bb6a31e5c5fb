import { stepsOf, waitsOf, type SagaDefinition, type StepDefinition, type WayDefinition } from '../definition.js';
import type { Side } from '../saga-state.js';

/**
 * What a participant makes of what it is asked. `lost-done`: it acts, and nobody learns of it until they ask again;
 * `lost-undone`: the same without having acted; `never-known`: not even asking tells.
 */
export type Conduct = 'done' | 'refused' | 'lost-done' | 'lost-undone' | 'never-known';

/** What becomes of something that is waited for. */
export type Arrival = 'comes' | 'comes-early' | 'never' | 'rejected';

/** How the world behaves while one instance runs. Whatever is not named goes well. */
export interface Scenario {
  readonly name: string;
  /** by `<step>/<way>/<side>` */
  readonly conducts: Readonly<Record<string, Conduct>>;
  /** by name of the wait */
  readonly arrivals: Readonly<Record<string, Arrival>>;
  /** the step during whose act a person cancels the saga, or an event ends it */
  readonly canceledDuring?: string;
  readonly endedDuring?: string;
}

export function conductKey(step: string, way: string, side: Side): string {
  return `${step}/${way}/${side}`;
}

const WELL: Scenario = { name: 'all goes well', conducts: {}, arrivals: {} };

/** Every way that a definition can go: the good one first, then each single thing that can go otherwise. */
export function scenariosOf(definition: SagaDefinition): Scenario[] {
  const steps = stepsOf(definition);
  return [
    WELL,
    ...steps.flatMap(actScenarios),
    ...steps.flatMap((step) => undoScenarios(definition, step)),
    ...waitsOf(definition).flatMap(waitScenarios),
    ...steps.map(({ name }) => ({ ...WELL, name: `canceled during ${name}`, canceledDuring: name })),
    ...(definition.ends.length === 0 ? [] : steps).map(({ name }) => ({
      ...{ ...WELL, name: `ended by its event during ${name}`, endedDuring: name },
    })),
  ];
}

const LOST: readonly Conduct[] = ['lost-done', 'lost-undone', 'never-known'];

function actScenarios(step: StepDefinition): Scenario[] {
  const refusedBefore = (way: WayDefinition) => step.ways.slice(0, step.ways.indexOf(way));
  const so = (name: string, way: WayDefinition | undefined, conduct: Conduct): Scenario => ({
    ...WELL,
    name,
    conducts: Object.fromEntries([
      ...(way ? refusedBefore(way) : step.ways).map(
        (one) => [conductKey(step.name, one.name, 'act'), 'refused'] as const,
      ),
      ...(way ? [[conductKey(step.name, way.name, 'act'), conduct] as const] : []),
    ]),
  });
  return [
    so(`${step.name} is refused`, undefined, 'refused'),
    ...step.ways.slice(1).map((way) => so(`${step.name} is done by ${way.name}`, way, 'done')),
    ...step.ways.flatMap((way) =>
      LOST.map((conduct) => so(`${told(step.name, way.name)} ${WORDS[conduct]}`, way, conduct)),
    ),
  ];
}

const WORDS: Readonly<Record<Conduct, string>> = {
  done: 'is done',
  refused: 'is refused',
  'lost-done': 'is done and its answer lost',
  'lost-undone': 'is not done and its answer lost',
  'never-known': 'has an outcome that nobody ever knows',
};

function told(step: string, way: string): string {
  return step === way ? step : `${step} by ${way}`;
}

/** A later step is refused, and the undo of this one does not go well. */
function undoScenarios(definition: SagaDefinition, step: StepDefinition): Scenario[] {
  const all = stepsOf(definition);
  const later = all.slice(all.indexOf(step) + 1).findLast(({ whenFailed }) => whenFailed === 'compensate');
  if (!later || inOneGroup(definition, step, later)) return [];
  const refused = later.ways.map((way) => [conductKey(later.name, way.name, 'act'), 'refused'] as const);
  return step.ways
    .filter(({ undo }) => undo !== 'irreversible')
    .slice(0, 1)
    .flatMap((way) =>
      (['refused', ...LOST] as const).map((conduct) => ({
        ...WELL,
        name: `${later.name} is refused, the undo of ${step.name} ${WORDS[conduct]}`,
        conducts: Object.fromEntries([...refused, [conductKey(step.name, way.name, 'undo'), conduct]]),
      })),
    );
}

function inOneGroup({ stages }: SagaDefinition, one: StepDefinition, other: StepDefinition): boolean {
  return stages.some((stage) => stage.kind === 'parallel' && stage.steps.includes(one) && stage.steps.includes(other));
}

function waitScenarios({ name, event, person }: ReturnType<typeof waitsOf>[number]): Scenario[] {
  const so = (words: string, arrival: Arrival): Scenario => ({
    ...WELL,
    name: `${name} ${words}`,
    arrivals: { [name]: arrival },
  });
  if (person) return [so('is rejected', 'rejected'), so('is answered by nobody', 'never')];
  return event ? [so('comes early', 'comes-early'), so('never comes', 'never')] : [];
}
