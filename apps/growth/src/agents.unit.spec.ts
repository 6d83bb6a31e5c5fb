import { COMMAND_RULES } from '@towpath/agents/identity/command-scopes';
import { agents } from './agents.js';

describe('the agents of growth', () => {
  it('hold, for each command that they may ask for, the very scope that egress takes for it', () => {
    const acts = agents.flatMap(({ name, acts: own }) => own.map(({ command, policy }) => ({ name, command, policy })));
    expect(acts.map(({ name }) => name)).toEqual(['content-writer', 'note-writer']);
    for (const { command, policy } of acts) expect(policy.scope).toBe(COMMAND_RULES[command.type]?.scope);
  });
});
