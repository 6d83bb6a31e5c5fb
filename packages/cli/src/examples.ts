/** Examples for the end of a verb's help, one a line. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ towpath ${line}`).join('\n')}\n`;
}
