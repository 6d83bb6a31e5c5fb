import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Every complete line of the logs that the sandbox keeps of what was done to it. */
export function linesOf(stack) {
  const folder = join(stack.home, 'sandbox');
  const files = existsSync(folder)
    ? readdirSync(folder).filter((name) => name.endsWith('.jsonl') && name !== 'seeds.jsonl')
    : [];
  return files.flatMap((file) =>
    readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line)),
  );
}

/** How often a provider really did something about a key: repeats, refusals and failures changed nothing. */
export function acted(stack, [provider, action], key) {
  return stack.logLines.filter(
    (line) =>
      line.provider === provider &&
      line.action === action &&
      line.outcome === 'acted' &&
      JSON.stringify(line).includes(key),
  ).length;
}
