import type { BudgetAccount } from '@towpath/event-store/budget-state';
import { accountLine, dollars } from './show.js';

const plain = new Proxy({}, { get: () => (text: string) => text }) as never;
const account = {
  ...{ scope: 'agent', name: 'support', day: '2026-03-01', capMicros: 5_000_000, spentMicros: 1_200_000 },
  ...{ reservedMicros: 300, calls: 41, refusals: 0 },
} as BudgetAccount;

describe('a budget in one line', () => {
  it('says what is spent, reserved and left, to the micro-unit', () => {
    expect(accountLine(account, plain).replaceAll(/ +/g, ' ')).toBe(
      ' agent support $1.200000 of $5.000000 spent · $0.000300 reserved · $3.799700 left · 41 calls',
    );
    expect(accountLine({ ...account, refusals: 2 }, plain)).toContain('2 refused');
  });

  it('shows what the provider charged beyond a cap as less than nothing', () => {
    expect(dollars(-1)).toBe('-$0.000001');
    expect(dollars(12_000_001)).toBe('$12.000001');
  });
});
