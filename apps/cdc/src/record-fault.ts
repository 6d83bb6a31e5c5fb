const recordFaults = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP']);

/**
 * True when brokers will never accept the record, so that sending it again can't help. A missing right or topic is no
 * such fault: it is mended by an operator, and until then everything waits.
 */
export function isRecordFault(error: unknown): boolean {
  let cause: unknown = error;
  for (let depth = 0; cause instanceof Error && depth < 6; depth += 1) {
    const { code, type } = cause as { code?: unknown; type?: unknown };
    if (code === 'RECORD_TOO_LARGE' || recordFaults.has(String(type))) return true;
    cause = cause.cause;
  }
  return false;
}
