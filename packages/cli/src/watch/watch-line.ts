import type { Colors } from '../context.js';

/** One step of a story as it is shown. */
export interface Step {
  readonly time: string;
  /** correlation id */
  readonly story: string;
  /** the service that said it */
  readonly service: string;
  /** the full contract name */
  readonly type: string;
  /** aggregate id */
  readonly subject: string;
  /** what a person wants to know of it, such as `12.00 USD`, `score 0.12` */
  readonly facts: readonly string[];
  /** milliseconds since the story began */
  readonly ms: number;
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
}

const STORY_LENGTH = 8;
const RED = /Blocked|Frozen|Failed|Rejected|Refused|DeadLettered|AlertRaised|Unknown$|Unavailable/;
const YELLOW = /Held|Review|Unrouted/;
const GREEN = /Approved|Confirmed|Unfrozen/;

/** The step in one line for people; parts that line up come first. */
export function watchLine(step: Step, colors: Colors): string {
  const name = nameOf(step.type);
  return [
    colors.dim(clockTime(step.time)),
    colors.cyan(step.story.slice(0, STORY_LENGTH).padEnd(STORY_LENGTH)),
    step.service.padEnd(8),
    paintOf(name, colors)(name.padEnd(24)),
    [step.subject, ...step.facts].join(' · '),
    colors.dim(`+${step.ms} ms`),
  ].join('  ');
}

/** `payments.v1.ChargeSucceeded` → `ChargeSucceeded` */
export function nameOf(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}

/** `/services/fraud` → `fraud` */
export function serviceOf(source: string): string {
  return source.slice(source.lastIndexOf('/') + 1);
}

/** Local time of day with milliseconds; the text itself when it is no time. */
export function clockTime(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function paintOf(name: string, colors: Colors): (text: string) => string {
  if (RED.test(name)) return colors.red;
  if (YELLOW.test(name)) return colors.yellow;
  return GREEN.test(name) ? colors.green : colors.bold;
}
