/** A failure that the command line explains: `code` is stable, the message names the cause and the fix. */
export class CliError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** what the process ends with */
    readonly exitCode: number = 1,
  ) {
    super(message);
    this.name = 'CliError';
  }
}

/** Wrong words on the command line; ends with exit code 2 instead of 1. */
export class UsageError extends CliError {
  constructor(message: string) {
    super('USAGE', message, 2);
    this.name = 'UsageError';
  }
}

/** Whether something was changed can't be said; ends with exit code 3. */
export class CannotCheck extends CliError {
  constructor(code: string, message: string) {
    super(code, message, 3);
    this.name = 'CannotCheck';
  }
}

/** Throws what was thrown as `CannotCheck`. */
export function cannotCheck(error: unknown): never {
  const { code = 'UNEXPECTED', message } = error as Error & { code?: string };
  throw new CannotCheck(code, message);
}
