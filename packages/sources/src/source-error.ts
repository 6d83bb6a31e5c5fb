/** What is wrong with the sources and how to mend it; `message` never holds a secret. */
export class SourceError extends Error {
  /** @param code stable, upper snake case, such as SOURCES_INVALID or SOURCE_EXISTS */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'SourceError';
  }
}
