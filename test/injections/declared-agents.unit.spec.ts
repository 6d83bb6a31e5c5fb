import type { AnyAgent } from '@towpath/agents/agent';
import { COMMAND_RULES } from '@towpath/agents/identity/command-scopes';
import { RESERVED_DOMAINS } from '@towpath/agents/identity/scope';
import { judgeAct } from '@towpath/agents/policy/agent-acts';
import { TAINTS } from '@towpath/contracts/taint';
import { agents as fraud } from '../../apps/fraud/src/agents.js';
import { agents as lending } from '../../apps/lending/src/agents.js';
import { agents as support } from '../../apps/support/src/agents.js';

const agents: readonly AnyAgent[] = [...fraud, ...lending, ...support];
const acts = agents.flatMap((agent) => agent.acts.map((act) => [agent.name, act.command.name, agent, act] as const));

/** A command of its contract's form with the same text in every field; `own` is what its message is about. */
function filled(command: (typeof acts)[number][3]['command'], text: string) {
  const { fields } = command.schema as { fields: readonly { name: string; type: unknown }[] };
  const value = (type: unknown) => (type === 'string' ? text : type === 'long' || type === 'int' ? 1 : null);
  return Object.fromEntries(fields.map(({ name, type }) => [name, value(type)]));
}

describe('the agents that the services declare', () => {
  it('hold nothing that only people do', () => {
    expect(agents.length).toBeGreaterThanOrEqual(4);
    const held = agents.flatMap(({ identity }) => identity.scopes.map((scope) => scope.split(':')[0]!));
    expect(held.filter((domain) => RESERVED_DOMAINS.includes(domain))).toEqual([]);
  });

  it.each(acts)('%s asks for %s by the scope that egress takes, for its own message alone', (_, __, agent, act) => {
    expect(act.policy.scope).toBe(COMMAND_RULES[act.command.type]?.scope);
    const names = (act.policy.limits ?? []).flatMap((limit) => (limit.kind === 'own' ? [limit.subject] : []));
    expect(names.length).toBeGreaterThan(0);
    for (const taint of TAINTS) {
      const subject = Object.fromEntries([...names, 'subject'].map((name) => [name, 'own']));
      const others = judgeAct(agent, { contract: act.command, data: filled(act.command, 'other') }, { taint, subject });
      expect(others).toMatchObject({ kind: 'refuse' });
    }
  });

  it.each(agents.map((agent) => [agent.name, agent] as const))(
    '%s asks for nothing that it does not declare',
    (_, agent) => {
      const declared = new Set(agent.acts.map(({ command }) => command.type));
      for (const [, , , { command }] of acts.filter(([, , , act]) => !declared.has(act.command.type))) {
        const verdict = judgeAct(
          agent,
          { contract: command, data: filled(command, 'own') },
          { taint: 'endorsed', subject: {} },
        );
        expect(verdict).toMatchObject({ kind: 'refuse', code: 'TOOL_UNKNOWN' });
      }
    },
  );
});
