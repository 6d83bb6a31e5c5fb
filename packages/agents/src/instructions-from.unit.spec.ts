import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { defineAgent } from './agent.js';
import { instructionsFrom } from './instructions-from.js';
import { runAgent, scriptedModel } from './testing/agent-kit.js';

const [old, current] = [
  { version: '1', text: 'Say yes.' },
  { version: '2', text: 'Say no.' },
];
const agent = defineAgent({
  ...{ name: 'teller', version: '1', identity: { scopes: [] }, instructions: current, earlierInstructions: [old] },
  ...{ input: z.string(), output: z.object({ said: z.string() }) },
  policy: async (text, run) =>
    (
      await run.model({
        name: 'tell',
        input: [{ label: 'user', text, taint: 'own', source: 'spec' }],
        schema: z.object({ said: z.string() }),
      })
    ).value,
});

describe('instructions of an agent', () => {
  it('are those it declares, an earlier version, or a file whose version names its bytes', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'instructions-')), 'other.txt');
    writeFileSync(file, 'Say maybe.\n');
    expect(instructionsFrom('somebody-else=7')(agent)).toEqual(current);
    expect(instructionsFrom('teller=1')(agent)).toEqual(old);
    expect(instructionsFrom(`teller=${file}`)(agent)).toEqual({
      version: expect.stringMatching(/^file\+[0-9a-f]{8}$/) as string,
      text: 'Say maybe.',
    });
  });

  it('that there are none of are refused with the versions that there are', () => {
    expect(() => instructionsFrom('teller=7')(agent)).toThrow('"7" is no file and no version of teller; it has 2, 1');
    expect(() => instructionsFrom('teller')).toThrow('INSTRUCTIONS_INVALID');
  });

  it('that are chosen reach the model and the journal of the run', async () => {
    const told: string[] = [];
    const model = scriptedModel({
      tell: ({ instructions }) => {
        told.push(instructions?.text ?? '');
        return { said: 'x' };
      },
    });
    const { journal } = await runAgent(agent, 'a', { model, instructions: instructionsFrom('teller=1') });
    expect(told).toEqual(['Say yes.']);
    expect([...journal.streams.values()].flat()[0]?.data).toMatchObject({ instructionsVersion: '1' });
  });
});
