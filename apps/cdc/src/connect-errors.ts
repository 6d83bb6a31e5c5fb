import type { EventRow } from './event-row.js';

/**
 * Kafka Connect's error headers (KIP-298) of a dead letter, for tools that know those: text, and nothing that was sealed.
 * The exception's class is the reason code; its message and stack trace say where it was thrown, not what it said.
 */
export function connectErrors(row: EventRow, letter: Readonly<Record<string, unknown>>): Record<string, string> {
  const text = (name: string): string => {
    const value = letter[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const reason = text('reason');
  const place = text('place');
  return {
    '__connect.errors.topic': text('originTopic'),
    '__connect.errors.partition': text('originPartition'),
    '__connect.errors.offset': text('originOffset'),
    '__connect.errors.connector.name': row.schema,
    '__connect.errors.task.id': '0',
    '__connect.errors.stage': reason === 'UNDECODABLE' ? 'VALUE_CONVERTER' : 'TASK_PUT',
    '__connect.errors.class.name': text('handler'),
    '__connect.errors.exception.class.name': reason,
    '__connect.errors.exception.message': place === '' ? reason : `${reason} at ${place}`,
    '__connect.errors.exception.stacktrace': place === '' ? '' : `at ${place}`,
  };
}
