import type { Contract } from '@towpath/contracts/contract';
import { KafkaError, reasonOf } from './kafka-error.js';

/** How an incompatible contract is mended. */
export const FIX = 'give new fields a default and remove none, or make a new major version (`<Name>.v<n+1>.avsc`)';

/** The file a contract is made from. */
export function fileOf({ type }: Contract): string {
  const [domain, version, name] = type.split('.');
  return `packages/contracts/schemas/${domain}/${name}.${version}.avsc`;
}

/** The HTTP status of an answer that refuses; undefined for failures to get an answer. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error &&
    'status' in error &&
    typeof error.status === 'number' &&
    error.status >= 400 &&
    error.status < 500
    ? error.status
    : undefined;
}

/** 409: incompatible; 422: not a schema; the named error: the subject has another compatibility level than ours. */
export function isRefusal(error: unknown): boolean {
  const status = statusOf(error);
  if (status === 409 || status === 422) return true;
  return error instanceof Error && error.name === 'ConfluentSchemaRegistryCompatibilityError';
}

export function unavailable(error: unknown): KafkaError {
  return new KafkaError('REGISTRY_UNAVAILABLE', `${reasonOf(error)}; check REGISTRY_URL and that the registry runs`, {
    cause: error,
  });
}
