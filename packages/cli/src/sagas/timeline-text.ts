import type { Colors } from '../context.js';
import { nameOf } from '../watch/watch-line.js';
import { paintOf } from './list.js';
import type { SagaRow } from './saga-rows.js';
import { seconds } from './seconds.js';
import type { Entry, StepState, Timeline, TimelineStep } from './timeline.js';

const STATE_WIDTH = 'compensating'.length;

/** A saga for people: one block a step in the order of the definition, each undo beneath what it undoes. */
export function timelineText(row: SagaRow, { steps, marks, tookMs }: Timeline, colors: Colors): string {
  const width = Math.max('  undo'.length, ...steps.map(({ step }) => step.length));
  return [
    `${colors.bold(row.key)}  ${row.definition} ${row.version}  ${paintOf(row.state, colors)(row.state)}`,
    ...(row.reason === null ? [] : [row.reason]),
    `begun ${row.startedAt.toISOString()}${tookMs === null ? '' : `, took ${seconds(tookMs)}`}`,
    '',
    ...steps.flatMap((step) => stepLines(step, width, colors)),
    ...(marks.length === 0 ? [] : ['']),
    ...marks.map(
      ({ afterMs, what, why, actor }) => `${offset(afterMs)}  ${colors.bold(what)}${byOf(actor)}${because(why)}`,
    ),
    '',
    colors.dim(`${row.sagaId} · towpath trace ${row.correlationId}`),
  ].join('\n');
}

function stepLines({ step, state, act, undo }: TimelineStep, width: number, colors: Colors): string[] {
  const paint = paintOfStep(state, colors);
  const label = state === 'failed' ? 'FAILED' : state;
  const head = `${colors.bold(step.padEnd(width))}  ${paint(label.padEnd(STATE_WIDTH))}`;
  const blank = ' '.repeat(width + 2 + STATE_WIDTH);
  const undoHead = `${'  undo'.padEnd(width)}  ${' '.repeat(STATE_WIDTH)}`;
  return [
    ...(act.length === 0 ? [head.trimEnd()] : linesUnder(head, blank, act, colors)),
    ...linesUnder(undoHead, blank, undo, colors),
  ];
}

function linesUnder(head: string, blank: string, entries: readonly Entry[], colors: Colors): string[] {
  return entries.map((entry, index) => `${index === 0 ? head : blank}  ${entryText(entry, colors)}`);
}

function entryText({ afterMs, state, command, attempt, way, code, why, actor }: Entry, colors: Colors): string {
  const paint = state === 'failed' ? colors.red : state === 'completed' ? colors.green : (text: string) => text;
  const asked = command === null || state !== 'running' ? '' : `  ${nameOf(command)}`;
  const by = way === null || state !== 'running' ? '' : ` by ${way}`;
  const again = attempt > 1 && state === 'running' ? `, attempt ${attempt}` : '';
  const reason = why ?? code;
  return `${offset(afterMs)}  ${paint(state)}${byOf(actor)}${asked}${by}${again}${because(reason)}`;
}

function paintOfStep(state: StepState, colors: Colors): (text: string) => string {
  if (state === 'failed') return colors.red;
  if (state === 'completed') return colors.green;
  if (state === 'compensated' || state === 'pending') return colors.dim;
  return state === 'running' ? colors.cyan : colors.yellow;
}

/** `+0.210 s`; lined up to a hundred thousand seconds. */
function offset(ms: number): string {
  return `+${(ms / 1_000).toFixed(3)} s`.padStart(11);
}

function byOf(actor: string | null): string {
  return actor === null ? '' : ` by ${actor}`;
}

function because(why: string | null): string {
  return why === null ? '' : `: ${why}`;
}
