import { Command } from 'commander';
import { verbs, type Effect, type Verb } from './command-table.js';

interface Leaf {
  readonly path: string;
  readonly effect: Effect | undefined;
  readonly command: Command;
}

/** Every command that does something, such as `sources add`, with the effect that the table gives it. */
async function leavesOf(verb: Verb): Promise<Leaf[]> {
  const command = new Command(verb.name);
  (await verb.load()).define(command);
  const leaves = (of: Command, words: readonly string[]): { words: readonly string[]; command: Command }[] =>
    of.commands.length === 0
      ? [{ words, command: of }]
      : of.commands.flatMap((child) => leaves(child, [...words, child.name()]));
  return leaves(command, []).map(({ words, command: leaf }) => {
    const effect = typeof verb.effect === 'string' ? verb.effect : verb.effect[words.join(' ')];
    return { path: [verb.name, ...words].join(' '), effect, command: leaf };
  });
}

const leaves = (await Promise.all(verbs.map(leavesOf))).flat();

describe('the command table', () => {
  it.each(leaves.map(({ path, effect }) => [path, effect]))('says what %s does: %s', (_, effect) => {
    expect(['reads', 'changes', 'local']).toContain(effect);
  });

  it.each(leaves.filter(({ effect }) => effect === 'changes').map(({ path, command }) => [path, command] as const))(
    'lets %s change nothing without a reason, by a person who signs',
    (_, command) => {
      const reason = command.options.find(({ long }) => long === '--reason');
      expect(reason?.mandatory).toBe(true);
      expect(command.options.map(({ long }) => long)).toEqual(expect.arrayContaining(['--as', '--key-file']));
    },
  );

  it('names no verb that is gone', () => {
    const known = new Set(leaves.map(({ path }) => path));
    const named = verbs.flatMap(({ name, effect }) =>
      typeof effect === 'string' ? [name] : Object.keys(effect).map((own) => `${name} ${own}`),
    );
    const gone = named.filter((path) => !known.has(path) && ![...known].some((one) => one.startsWith(`${path} `)));
    expect(gone).toEqual([]);
  });
});
