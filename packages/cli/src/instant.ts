import { InvalidArgumentError } from 'commander';
import { duration } from './dlq/duration.js';

/** An instant as people type it: `2026-01-31T12:00:00Z`, or `90m` for ninety minutes ago. */
export function instant(text: string): Date {
  if (/^\d+[smhd]$/.test(text)) return new Date(Date.now() - duration(text));
  const time = new Date(text);
  if (/^\d{4}-/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('give a time such as 2026-01-31T12:00:00Z, or 90m for so long ago.');
}
