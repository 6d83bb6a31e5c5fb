import {
  stepsOf,
  type SagaDefinition,
  type Stage,
  type StepDefinition,
  type WaitDefinition,
  type WayDefinition,
} from '../definition.js';
import { commandsOf } from './commands-of.js';

type Part = StepDefinition | WaitDefinition;

/**
 * A definition as a Mermaid flow chart: what is done downwards, and beside it the undo of each step, upwards in reverse order. A
 * dotted line is what follows when a step fails for good.
 */
export function mermaidOf(definition: SagaDefinition): string {
  const undoable = stepsOf(definition).filter(isUndoable);
  return [
    'flowchart TD',
    `  start([${definition.starts.name}]) --> ${entryOf(definition.stages[0])}`,
    ...definition.stages.flatMap(nodesOf),
    ...definition.stages.slice(1).map((stage, index) => `  ${exitOf(definition.stages[index]!)} --> ${entryOf(stage)}`),
    `  ${exitOf(definition.stages.at(-1)!)} --> completed([completed])`,
    ...undoable.map(undoNode),
    ...undoable.flatMap((step, index) => undoEdges(step, undoable[index - 1])),
    ...definition.stages.flatMap((stage) => failureEdges(stage, undoable)),
    '  compensated([compensated])',
    ...(undoable.length > 0
      ? ['  needsHuman{{needs_human}}', ...undoable.map((step) => `  ${undoId(step)} -. fails .-> needsHuman`)]
      : []),
    ...definition.ends.map(({ contract }) => `  anywhere([at any time]) -- ${contract.name} --> completed`),
  ].join('\n');
}

function isUndoable(step: StepDefinition): boolean {
  return step.ways.some(({ undo }) => undo !== 'irreversible');
}

/** Mermaid takes `end` and dashes in ids for words of its own. */
function idOf({ name }: { readonly name: string }): string {
  return `s_${name.replaceAll('-', '_')}`;
}

function undoId(step: Part): string {
  return `u_${step.name.replaceAll('-', '_')}`;
}

function entryOf(stage: Stage | undefined): string {
  return stage === undefined ? 'completed' : idOf(stage);
}

function exitOf(stage: Stage): string {
  return idOf(stage);
}

function nodesOf(stage: Stage): string[] {
  if (stage.kind === 'parallel') {
    return [
      `  subgraph ${idOf(stage)}[${stage.name}, at once]`,
      ...stage.steps.map((step) => `  ${stepNode(step)}`),
      '  end',
    ];
  }
  return [stage.kind === 'wait' ? waitNode(stage) : stepNode(stage)];
}

function stepNode(step: StepDefinition): string {
  const notes = [...(isUndoable(step) ? [] : ['irreversible']), ...(step.when ? ['only when needed'] : [])];
  const lines = [`<b>${step.name}</b>`, ...step.ways.flatMap(wayLine), ...notes.map((note) => `<i>${note}</i>`)];
  return `  ${idOf(step)}["${lines.join('<br/>')}"]`;
}

function wayLine(way: WayDefinition, place: number): string[] {
  const { act } = commandsOf(way);
  if (place === 0) return act === null ? [] : [act];
  return [`else ${way.name}${act === null ? '' : `: ${act}`}`];
}

function waitNode(wait: WaitDefinition): string {
  const what = wait.event?.contract.name ?? (wait.person ? 'a person' : 'time');
  return `  ${idOf(wait)}[/"<b>${wait.name}</b><br/>waits for ${what}"/]`;
}

function undoNode(step: StepDefinition): string {
  const undos = step.ways.map((way) => commandsOf(way).undo).filter((one) => one !== null);
  return `  ${undoId(step)}["${[`<i>undo ${step.name}</i>`, ...new Set(undos)].join('<br/>')}"]`;
}

function undoEdges(step: StepDefinition, before: StepDefinition | undefined): string[] {
  return [`  ${undoId(step)} --> ${before ? undoId(before) : 'compensated'}`];
}

/** What a failure leads to: the undo of the last step before it that has one. Of a group all are undone. */
function failureEdges(stage: Stage, undoable: readonly StepDefinition[]): string[] {
  const parts: readonly Part[] = stage.kind === 'parallel' ? stage.steps : [stage];
  const first = Math.min(...parts.map(({ number }) => number));
  const beside = stage.kind === 'parallel' ? stage.steps.at(-1)!.number + 1 : first;
  return parts.filter(goesBack).map((part) => {
    const target = undoable.findLast(({ number }) => number < beside && number !== part.number);
    const label = part.kind === 'wait' ? 'time is over' : 'fails';
    return `  ${idOf(part)} -. ${label} .-> ${target ? undoId(target) : 'compensated'}`;
  });
}

function goesBack(part: Part): boolean {
  return part.kind === 'wait' ? part.timesOut === 'compensate' : part.whenFailed === 'compensate';
}
