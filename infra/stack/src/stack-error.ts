/** A failure of the local stack. `code` is stable (UPPER_SNAKE); the message names the cause and the fix. */
export class StackError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(`${code}: ${message}`);
    this.name = 'StackError';
  }
}
