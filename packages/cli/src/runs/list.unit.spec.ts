import { runLine } from './list.js';
import { statusOf, type RunRow } from './run-rows.js';

const plain = new Proxy({}, { get: () => (text: string) => text }) as never;
const row: RunRow = {
  ...{
    runId: '0d5f',
    service: 'fraud',
    agent: 'chargeback',
    agentVersion: '1',
    status: 'decided',
    decidedBy: 'analyst',
  },
  ...{ steps: 3, attempts: 2, tokens: 120, costMicros: 1_234, correlationId: 'story', causationId: 'm1' },
  ...{ startedAt: new Date(0), changedAt: new Date(0), deadLetterId: null },
};

describe('a run', () => {
  it('is one line with how it stands, who decided and what it took', () => {
    expect(runLine(row, plain)).toBe(
      '0d5f  fraud     chargeback 1  decided by analyst  3 steps, attempt 2  120 tokens  $0.0012  story',
    );
  });

  it('has ended with its decision, whatever came before', () => {
    expect(statusOf('agents.v1.RunDecided', 'needs_human', null)).toBe('needs_human');
    expect(statusOf('agents.v1.RunRetried', undefined, null)).toBe('running');
    expect(statusOf('agents.v1.RunCanceled', undefined, 'd1')).toBe('canceled');
    expect(statusOf('agents.v1.RunResumed', undefined, 'd1')).toBe('given-up');
  });
});
