import { agentLines } from './list.js';
import { stepText } from './history.js';
import picocolors from 'picocolors';
import type { Context } from '../context.js';

const declared = { name: 'support', service: 'support', version: '1', scopes: ['tickets:reply'], tools: [], acts: [] };
const killed = { service: 'support', agent: 'support', state: 'killed', actor: 'ann', reason: 'wrong', since: 1 };

describe('the list of agents', () => {
  it('shows a declared agent that nobody switched as running', () => {
    expect(agentLines([declared], [], [])).toMatchObject([{ name: 'support', state: 'running', runs: 0 }]);
  });

  it('shows what the agent’s own service knows, with who switched it and why', () => {
    const late = { ...killed, service: 'fraud', state: 'running' };
    expect(agentLines([declared], [late, killed], [])).toMatchObject([
      { state: 'killed', actor: 'ann', reason: 'wrong' },
    ]);
  });

  it('shows an agent that no declaration names but that used an identity', () => {
    const uses = [{ service: 'lending', agent: 'stranger', runs: 2, tools: 1, refused: 1 }];
    expect(agentLines([], [], uses)).toMatchObject([{ name: 'stranger', service: 'lending', runs: 2, refused: 1 }]);
  });
});

describe('the history of an agent', () => {
  const context = { colors: picocolors.createColors(false) } as Context;
  const step = { at: new Date(0), service: 'support', id: 'e1', correlationId: 'c1', taint: 'untrusted' };

  it('says what the gate said of each use', () => {
    const data = { use: 'tool', name: 'refund', scope: 'payments:refund', verdict: 'refuse', code: 'TAINT_REFUSED' };
    const text = stepText({ ...step, type: 'agents.v1.IdentityUsed', data }, context);
    expect(text).toContain('tool refund (payments:refund)  refuse TAINT_REFUSED  untrusted');
  });

  it('says who switched it', () => {
    const data = { from: 'running', to: 'killed', actor: 'ann', reason: 'wrong' };
    expect(stepText({ ...step, type: 'platform.v1.AgentSwitched', data }, context)).toContain(
      'switched running → killed by ann: wrong',
    );
  });
});
