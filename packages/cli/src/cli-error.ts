/** A failure that the command line explains: `code` is stable, the message names the cause and the fix. */
export class CliError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'CliError';
  }
}

/** Wrong words on the command line; ends with exit code 2 instead of 1. */
export class UsageError extends CliError {
  constructor(message: string) {
    super('USAGE', message);
    this.name = 'UsageError';
  }
}
