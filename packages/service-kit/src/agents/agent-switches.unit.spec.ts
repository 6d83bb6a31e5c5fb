import type { AgentState } from './agent-state.js';
import { AgentSwitches } from './agent-switches.js';

function world() {
  const rows = new Map<string, { state: AgentState }>();
  let fails = false;
  const errors: unknown[] = [];
  const switches = new AgentSwitches({
    // Looked at by the spec alone.
    everyMs: 3_600_000,
    read: async () => {
      if (fails) throw new Error('store away');
      return new Map(rows);
    },
    onError: (error) => errors.push(error),
  });
  return { rows, switches, errors, fail: () => (fails = true) };
}

describe('the switches of agents', () => {
  it('let an agent run that nobody switched', async () => {
    const { switches } = world();
    await switches.enter('clerk');
    expect(await switches.stateOf('clerk')).toBe('running');
    switches.stop();
  });

  it('abort what a killed agent is doing, also when another replica got the command', async () => {
    const { rows, switches } = world();
    const signal = switches.signalOf('clerk');
    rows.set('clerk', { state: 'killed' });
    await switches.look();
    expect(signal.reason).toMatchObject({ code: 'AGENT_KILLED' });
    await expect(switches.enter('clerk')).rejects.toMatchObject({ code: 'AGENT_KILLED' });
    expect(switches.signalOf('other').aborted).toBe(false);
    switches.stop();
  });

  it('stop an agent by the command itself, before anything is looked at', async () => {
    const { switches } = world();
    await switches.enter('clerk');
    const signal = switches.signalOf('clerk');
    switches.hint('clerk', 'killed');
    expect(signal.aborted).toBe(true);
    switches.stop();
  });

  it('hold a paused agent between its steps until it is resumed', async () => {
    const { rows, switches } = world();
    rows.set('clerk', { state: 'paused' });
    let entered = false;
    const entering = switches.enter('clerk').then(() => (entered = true));
    await switches.look();
    await switches.look();
    expect(entered).toBe(false);
    rows.set('clerk', { state: 'running' });
    await switches.look();
    await entering;
    switches.stop();
  });

  it('let a paused agent go when its work is over or it is killed', async () => {
    const { rows, switches } = world();
    rows.set('clerk', { state: 'paused' });
    const over = new AbortController();
    const waiting = switches.enter('clerk', over.signal);
    over.abort(new Error('WORK_TIMEOUT'));
    await expect(waiting).rejects.toThrow('WORK_TIMEOUT');
    const other = switches.enter('clerk');
    rows.set('clerk', { state: 'killed' });
    await switches.look();
    await expect(other).rejects.toMatchObject({ code: 'AGENT_KILLED' });
    switches.stop();
  });

  it('give a resumed agent a signal of its own', async () => {
    const { rows, switches } = world();
    rows.set('clerk', { state: 'killed' });
    const first = switches.signalOf('clerk');
    await switches.look();
    rows.delete('clerk');
    await switches.look();
    expect(first.aborted).toBe(true);
    expect(switches.signalOf('clerk').aborted).toBe(false);
    switches.stop();
  });

  it('go by what was last known while the store is away', async () => {
    const { rows, switches, errors, fail } = world();
    rows.set('clerk', { state: 'killed' });
    await switches.look();
    fail();
    await switches.look();
    expect(errors.length).toBeGreaterThan(0);
    expect(await switches.stateOf('clerk')).toBe('killed');
    switches.stop();
  });
});
