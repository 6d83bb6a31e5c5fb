import picocolors from 'picocolors';
import { showBacktest } from './show-backtest.js';

const summary = {
  ...{ messages: 10, compared: 8, flipped: 1, failed: 3, failedAsBefore: 2, erased: 1 },
  flips: { 'PaymentApproved → PaymentBlocked': 1 },
  ...{ p50Micros: 40, p99Micros: 900, costMicros: 1_500_000, recordedCostMicros: 0 },
};
const failure = (message: string, place: string | null) => ({
  ...{ message, type: 'payments.v1.ChargeSucceeded', story: `story-${message}`, handler: 'OpenFraudCase' },
  ...{ code: 'HANDLER_FAILED', place },
});
const flip = {
  ...{ subject: 'pi_1', recorded: 'PaymentApproved', replayed: 'PaymentBlocked', message: 'm9' },
  why: [{ field: 'instructions of fraud-opinion', recorded: '2', replayed: 'file+0a1b2c3d' }],
};

function shown(limit: number): { text: string; object: Record<string, unknown> } {
  let all = { text: '', object: {} };
  const show = (text: string, object: object) => void (all = { text, object });
  const context = { home: '', homeGiven: false, json: false, colors: picocolors.createColors(false), show };
  const failures = [failure('m1', 'apps/fraud/src/rules.ts:9'), failure('m2', null)];
  showBacktest({ ...context, note: () => undefined }, 'fraud', {
    ...{ failures, flips: [flip], summary, limit, forbidden: undefined },
  });
  return all;
}

describe('the result of a backtest', () => {
  it('names the messages that failed, each with its story and code, and counts apart what is not the change’s fault', () => {
    const { text } = shown(20);
    expect(text).toContain('8 decisions compared, 1 flipped, 3 failed\n');
    expect(text).toContain('  2 failed as they did then\n  1 of people who were erased since');
    expect(text).toContain(
      'failed: HANDLER_FAILED in OpenFraudCase (apps/fraud/src/rules.ts:9): payments.v1.ChargeSucceeded m1, story story-m1',
    );
    expect(text).toContain('failed: HANDLER_FAILED in OpenFraudCase: payments.v1.ChargeSucceeded m2, story story-m2');
    expect(text).toContain('instructions of fraud-opinion 2 → file+0a1b2c3d');
  });

  it('says how many it leaves out, and leaves none out of its JSON', () => {
    const { text, object } = shown(1);
    expect(text).not.toContain('m2');
    expect(text).toContain('and 2 more that failed; --limit shows them');
    expect(object).toMatchObject({ failed: 3, failures: [{ message: 'm1' }, { message: 'm2' }], gate: null });
    expect(object['kinds']).toEqual(summary.flips);
  });
});
