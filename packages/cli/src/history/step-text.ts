import type { Colors } from '../context.js';
import { harmless } from '../readable.js';
import { maskedData } from '../reveal/mask.js';
import { factsOf } from '../watch/facts.js';
import { nameOf } from '../watch/watch-line.js';
import type { Cause } from './causes.js';
import type { StateChange } from './state-changes.js';
import type { StreamStep } from './stream-steps.js';

/** A step with what caused it. */
export interface ShownStep extends StreamStep {
  readonly service: string;
  /** undefined when no store holds it */
  readonly cause: Cause | undefined;
}

const VALUE_LENGTH_MAX = 160;

/** An event for people: when, what, why, and each value of the state that it changed. `data` is shown when given. */
export function stepText(shown: ShownStep, data: unknown, colors: Colors): string {
  const { event, changes } = shown;
  const { version, type, occurredAt, archived } = event;
  const facts = factsOf(maskedData(type, event.data)).join(' · ');
  const time = colors.dim(occurredAt.toISOString());
  const unchanged = 'state' in shown && changes.length === 0 ? [colors.dim('     changes nothing')] : [];
  const lines = [
    `${colors.bold(`v${version}`.padEnd(4))} ${time}  ${colors.bold(nameOf(type))}  ${facts}`,
    ...(archived
      ? ['its content is in the archive, see `towpath retention status`; folds leave it out']
      : aboutLines(shown)
    ).map((line) => colors.dim(`     ${line}`)),
    ...(data == null ? [] : indented(JSON.stringify(data, null, 2)).map((line) => colors.dim(line))),
    ...changes.map((change) => changeText(change, colors)),
    ...unchanged,
  ];
  return harmless(lines.join('\n'));
}

function aboutLines({ event: { metadata }, cause, readAs }: ShownStep): string[] {
  return [
    `by ${metadata.handler}, caused by ${causeText(cause, metadata.causationId)}`,
    ...(readAs === undefined ? [] : [`read as ${readAs}`]),
    `towpath trace ${metadata.correlationId}`,
  ];
}

/** The state after the last event. */
export function stateText(
  service: string,
  stream: string,
  { event, ...step }: StreamStep,
  state: unknown,
  colors: Colors,
): string {
  const title = colors.bold(
    `${stream} in ${service} as of version ${event.version}, ${event.occurredAt.toISOString()}`,
  );
  if (!('state' in step)) return `\n${title}\n${service} folds no state of such streams`;
  return harmless(`\n${title}\n${JSON.stringify(state, null, 2)}`);
}

/** A value of a state that changed. */
export function changeText({ path, before, after }: StateChange, colors: Colors): string {
  const name = path === '' ? 'state' : path;
  if (before === undefined) return colors.green(`     + ${name}: ${valueText(after)}`);
  if (after === undefined) return colors.red(`     - ${name}: ${valueText(before)}`);
  return colors.yellow(`     ~ ${name}: ${valueText(before)} → ${valueText(after)}`);
}

function causeText(cause: Cause | undefined, id: string): string {
  if (!cause) return `${id}, which came from outside`;
  return `${nameOf(cause.type)} ${cause.id} of ${cause.stream} in ${cause.service}`;
}

function valueText(value: unknown): string {
  const text = JSON.stringify(maskedData('', value));
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX - 1)}…` : text;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `     ${line}`);
}
