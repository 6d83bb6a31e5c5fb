const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

/** What is known of a failure: a stable code, and cause and fix in one text. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** The code and the text of whatever was thrown; a code that the text repeats is taken out of it. */
export function failureOf(error: unknown): Failure {
  const text = textOf(error);
  const own = codeOf(error);
  const written = /^([A-Z][A-Z0-9_]{3,}): (.*)$/s.exec(text);
  if (written?.[1] && CODE.test(written[1])) return { code: written[1], message: written[2] ?? '' };
  if (own === 'ECONNREFUSED') {
    return { code: 'NOT_REACHABLE', message: `${text || 'nothing answers'}; start the platform with \`towpath up\`.` };
  }
  return { code: own ?? 'UNEXPECTED', message: text };
}

/** One line: `CODE: cause; fix`. */
export function errorLine(error: unknown): string {
  const { code, message } = failureOf(error);
  return `${code}: ${message}`;
}

/** A connection that failed on each address of a name throws an AggregateError without a text of its own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return CODE.test(error.code) ? error.code : undefined;
}
