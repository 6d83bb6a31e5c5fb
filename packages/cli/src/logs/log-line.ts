import type { Colors } from '../context.js';
import { harmless } from '../readable.js';
import { clockTime } from '../watch/watch-line.js';

/** A line of a log with what the merge needs to know of it. */
export interface LogLine {
  readonly service: string;
  /** milliseconds since the epoch */
  readonly at: number;
  readonly level: string;
  readonly correlationId: string | undefined;
  readonly message: string;
  /** what else a JSON line holds */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Which lines to show. */
export interface LogFilter {
  /** start of a correlation id */
  readonly correlation?: string;
  readonly service?: string;
  /** this level and graver ones */
  readonly level?: string;
}

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

const OWN_FIELDS = new Set(['level', 'time', 'service', 'msg', 'correlation_id', 'pid', 'hostname']);
const STAMP = /^\[?(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)[.,](\d{3})\d*\s?(UTC|Z)?/;
const FOREIGN_LEVEL = /\b(FATAL|ERROR|WARN|WARNING|PANIC|DEBUG)\b/;

/**
 * Reads a line: JSON as the services write it, or a line of Kafka, Postgres or the registry, whose time is in front.
 * @param before time of the line before it, which a line without a time (a stack trace) shares
 */
export function parseLogLine(text: string, file: string, before: number): LogLine {
  return parseJson(text, file) ?? foreignLine(text, file, before);
}

export function passesLog(filter: LogFilter, line: LogLine): boolean {
  if (filter.service !== undefined && line.service !== filter.service) return false;
  if (filter.correlation !== undefined && !(line.correlationId ?? '').startsWith(filter.correlation)) return false;
  return filter.level === undefined || rank(line.level) >= rank(filter.level);
}

export function logText(line: LogLine, colors: Colors): string {
  const paint =
    rank(line.level) >= rank('error') ? colors.red : rank(line.level) >= rank('warn') ? colors.yellow : colors.dim;
  const fields = Object.entries(line.fields).map(([name, value]) => `${name}=${shown(value)}`);
  return [
    colors.dim(line.at > 0 ? clockTime(new Date(line.at).toISOString()) : '            '),
    line.service.padEnd(8),
    paint(line.level.padEnd(5)),
    colors.cyan((line.correlationId ?? '').slice(0, 8).padEnd(8)),
    harmless(line.message),
    colors.dim(harmless(fields.join(' '))),
  ]
    .join('  ')
    .trimEnd();
}

function parseJson(text: string, file: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const at = new Date(value['time'] as string | number).getTime();
    if (Number.isNaN(at)) return undefined;
    return {
      service: wordIn(value['service']) ?? file,
      at,
      level: levelOf(value['level']),
      correlationId: wordIn(value['correlation_id']),
      message: wordIn(value['msg']) ?? '',
      fields: Object.fromEntries(Object.entries(value).filter(([name]) => !OWN_FIELDS.has(name))),
    };
  } catch {
    return undefined;
  }
}

function foreignLine(text: string, file: string, before: number): LogLine {
  const [, day, clock, milliseconds, zone] = STAMP.exec(text) ?? [];
  const at = day ? new Date(`${day}T${clock}.${milliseconds}${zone ? 'Z' : ''}`).getTime() : before;
  const word = FOREIGN_LEVEL.exec(text)?.[1];
  const level = word === 'WARNING' ? 'warn' : word === 'PANIC' ? 'fatal' : (word?.toLowerCase() ?? 'info');
  return { service: file, at, level, correlationId: undefined, message: text, fields: {} };
}

/** pino writes a word or a number such as 30. */
function levelOf(level: unknown): string {
  if (typeof level === 'number') return LEVELS[Math.min(Math.max(Math.round(level / 10) - 1, 0), 5)] ?? 'info';
  return wordIn(level) ?? 'info';
}

function rank(level: string): number {
  return LEVELS.indexOf(level as (typeof LEVELS)[number]);
}

function wordIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
