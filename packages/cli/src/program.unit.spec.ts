import { verbs } from './command-table.js';
import { buildProgram, chosenVerb } from './program.js';

describe('program', () => {
  it.each([
    [['up'], 'up'],
    [['--home', 'down', 'up'], 'up'],
    [['--json', 'help', 'trace'], 'trace'],
    [['--home=/tmp/x', 'topics', 'list'], 'topics'],
    [['nonsense'], undefined],
    [[], undefined],
  ])('finds the verb in %j', (words, name) => {
    expect(chosenVerb(words)?.name).toBe(name);
  });

  it.each(verbs.map(({ name }) => name))('gives examples in the help of %s', async (name) => {
    const program = await buildProgram([name]);
    let text = '';
    const command = program.commands.find((one) => one.name() === name);
    command?.configureOutput({ writeOut: (part) => (text += part) }).outputHelp();
    expect(text).toContain(`$ towpath ${name}`);
  });

  it('takes global options before and after the verb', async () => {
    for (const words of [
      ['--json', '--home', '/tmp/x', 'trace'],
      ['trace', '--json', '--home', '/tmp/x'],
    ]) {
      const program = await buildProgram(words);
      program.commands.find((one) => one.name() === 'trace')?.action(() => undefined);
      await program.parseAsync([...words, 'id'], { from: 'user' });
      expect(program.opts()).toEqual({ json: true, home: '/tmp/x' });
    }
  });
});
