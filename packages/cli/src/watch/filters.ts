import { nameOf, serviceOf } from './watch-line.js';

/** Which steps to show; what is left out lets everything through. */
export interface Filters {
  /** full contract name, or its last part */
  readonly type?: string;
  readonly service?: string;
  /** start of a correlation id */
  readonly story?: string;
  /** Kafka key or aggregate id */
  readonly key?: string;
}

/** Whether a type passes: by its full name or its last part, whatever the case. */
export function typeMatches(wanted: string | undefined, type: string): boolean {
  if (wanted === undefined) return true;
  const lower = wanted.toLowerCase();
  return type.toLowerCase() === lower || nameOf(type).toLowerCase() === lower;
}

/** Whether a record passes all filters, by its headers and key. */
export function passes(
  filters: Filters,
  record: { readonly headers: Readonly<Record<string, string>>; readonly key: Buffer | null },
): boolean {
  const { headers, key } = record;
  if (!typeMatches(filters.type, headers['ce_type'] ?? '')) return false;
  if (filters.service !== undefined && serviceOf(headers['ce_source'] ?? '') !== filters.service) return false;
  if (filters.story !== undefined && !(headers['ce_correlationid'] ?? '').startsWith(filters.story)) return false;
  return filters.key === undefined || key?.toString() === filters.key || headers['ce_subject'] === filters.key;
}
