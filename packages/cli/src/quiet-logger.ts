import type { Logger } from '@towpath/kafka/record';

const silent = (): void => undefined;

/** A command prints its own result; of the broker's client only what went wrong is worth a line. */
export const quietLogger: Logger = {
  debug: silent,
  info: silent,
  warn: silent,
  error: (_fields, message) => void process.stderr.write(`kafka: ${message}\n`),
};
