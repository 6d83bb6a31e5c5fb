import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { logText, parseLogLine, passesLog, type LogFilter, type LogLine } from './log-line.js';
import { mergeByTime } from './merge.js';

export interface LogsRequest extends LogFilter {
  readonly follow?: boolean;
  /** the last so many; 0: all */
  readonly limit: number;
}

const LOOK_EVERY_MS = 500;

/** Shows the logs of all processes of a home, merged by time. Throws LOGS_MISSING. */
export async function logs(context: Context, request: LogsRequest, signal: AbortSignal): Promise<void> {
  const folder = join(context.home, 'logs');
  if (!existsSync(folder)) {
    throw new CliError('LOGS_MISSING', `there are no logs in ${folder}; start the platform with \`towpath up\`.`);
  }
  const files = new Map(logFiles(folder).map((file) => [file, statSync(file).size]));
  const kept: LogLine[] = [];
  const past = [...files].map(([file, size]) => linesOf(file, 0, size));
  for await (const line of mergeByTime(past)) {
    if (signal.aborted) return;
    if (!passesLog(request, line)) continue;
    if (request.limit === 0) show(context, line);
    else if (kept.push(line) > request.limit) kept.shift();
  }
  for (const line of kept) show(context, line);
  if (request.follow) await follow(context, folder, files, request, signal);
}

async function follow(
  context: Context,
  folder: string,
  read: Map<string, number>,
  filter: LogFilter,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const fresh = logFiles(folder).flatMap((file) => {
      const size = statSync(file).size;
      const before = read.get(file) ?? 0;
      read.set(file, size);
      // A log that became smaller was begun anew.
      return size === before ? [] : [linesOf(file, size < before ? 0 : before, size)];
    });
    for await (const line of mergeByTime(fresh)) if (passesLog(filter, line)) show(context, line);
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

function show(context: Context, line: LogLine): void {
  const { at, correlationId, fields, ...rest } = line;
  context.show(logText(line, context.colors), {
    time: new Date(at).toISOString(),
    ...rest,
    ...(correlationId !== undefined && { correlation_id: correlationId }),
    ...fields,
  });
}

function logFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .map((name) => join(folder, name));
}

/** The lines of a file between two positions in bytes. */
async function* linesOf(file: string, start: number, end: number): AsyncGenerator<LogLine> {
  if (end <= start) return;
  const service = basename(file, '.log');
  const input = createReadStream(file, { start, end: end - 1, encoding: 'utf8' });
  let before = 0;
  for await (const text of createInterface({ input, crlfDelay: Infinity })) {
    if (text === '') continue;
    const line = parseLogLine(text, service, before);
    // Never back in time, or one late line would delay all the others of the merge.
    before = Math.max(before, line.at);
    yield line;
  }
}
