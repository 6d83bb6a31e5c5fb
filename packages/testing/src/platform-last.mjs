import Sequencer from '@jest/test-sequencer';

/**
 * End-to-end specs come after all others: they share one platform, so one runs at a time, and then with the machine to itself.
 * Integration specs go first, the slow ones before the quick, so that both workers end together.
 */
export default class PlatformLast extends Sequencer {
  sort(tests) {
    const order = ['int', 'unit', 'e2e'];
    const rankOf = ({ context }) => order.indexOf(context.config.displayName?.name);
    return super.sort(tests).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
