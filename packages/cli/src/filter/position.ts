import { VARIABLES } from './variables.js';

/** What is wrong with an expression: where, drawn below it, and a hint. */
export function atPosition(text: string, error: unknown): string {
  const message = firstLine(error);
  const at = positionOf(error);
  const drawn = at === undefined ? '' : `\n  ${text.replaceAll(/\s/g, ' ')}\n  ${' '.repeat(at)}^`;
  const column = at === undefined ? '' : ` at column ${at + 1}`;
  return `the expression is wrong${column}: ${message}; ${hintFor(message, text)}${drawn}`;
}

function hintFor(message: string, text: string): string {
  const unknown = /^Unknown variable: (\S+)/.exec(message)?.[1];
  if (unknown !== undefined) {
    const field = `value.${unknown}`;
    return `there are ${VARIABLES.map(({ name }) => name).join(', ')}; a field of the message is \`${field}\`.`;
  }
  if (/(^|[^=!<>])=([^=]|$)/.test(text)) return 'to compare, write `==`.';
  if (/EOF/.test(message)) return 'something is missing at its end.';
  if (/overload/.test(message)) return 'both sides must be of one kind; `string(…)`, `int(…)` and `double(…)` convert.';
  if (/\b(and|or|not)\b/.test(text)) return 'write `&&`, `||` and `!`.';
  return 'for example `value.amountMinor > 5000 && headers["ce_source"] == "/services/fraud"`.';
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n')[0] ?? '';
}

/** Offset in the text, when the parser or the checker knows it. */
function positionOf(error: unknown): number | undefined {
  const range = (error as { range?: { start?: unknown } } | null)?.range;
  return typeof range?.start === 'number' ? range.start : undefined;
}
