import type { Owner } from './settle.decider.js';

/** Which of a service's dead letters a consumer group decides about: a message goes on where its first comings were counted. */
export class LetterOwner implements Owner {
  /**
   * @param answers whether it speaks for dead letters that the store does not have: one group of a service does
   * @param isOf whether a handler of this name is its
   */
  constructor(
    readonly service: string,
    readonly answers: boolean,
    private readonly isOf: (handler: string) => boolean,
  ) {}

  owns(handler: string | null): boolean {
    return handler === null ? this.answers : this.isOf(handler);
  }
}
