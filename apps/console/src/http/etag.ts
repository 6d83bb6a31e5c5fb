import { Problem } from './problem.js';

/** The version of a case as an entity tag. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that a request expects. Throws 428 without `If-Match`: two people who change one case at once have to notice; 400 when it is none
 * that this service gave.
 */
export function expectedVersion(ifMatch: string | undefined): number {
  if (ifMatch === undefined) {
    throw new Problem(428, 'PRECONDITION_MISSING', 'send If-Match with the ETag of the case as you read it');
  }
  const [, version] = /^"(\d{1,9})"$/.exec(ifMatch.trim()) ?? [];
  if (version === undefined) throw new Problem(400, 'ETAG_MALFORMED', 'If-Match takes one ETag such as "7"');
  return Number(version);
}
