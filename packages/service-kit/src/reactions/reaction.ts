import type { Type } from '@nestjs/common';

/**
 * One thing that a service does upon events, apart from everything else that it does: its handlers consume in a group of their own,
 * with their own offsets, inbox, retries and dead letters. When it is slow, fails or is down, its neighbours do not notice.
 */
export interface Reaction {
  /** its name in services.yaml, which also tells what it reads */
  readonly name: string;
  /** classes with `@Handles`, each of one reaction only */
  readonly handlers: readonly Type[];
}

/** A reaction of this name, for `@Service({ reactions })`. */
export function reaction(name: string, ...handlers: readonly Type[]): Reaction {
  return { name, handlers };
}
