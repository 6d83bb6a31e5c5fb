import { createHash } from 'node:crypto';
import { awaitDeadLetters, recordOf } from './dead-letters.mjs';

/** A handler and a subject more often than this in one path is a loop. */
const REPEATS_MAX = 5;

/** A story that never ends: its chain of causes is as long as allowed, or comes by the same handler again and again. */
export const loop = {
  id: 'F32',
  about: 'a message whose causal chain has 64 steps, and one that came five times by the handler that takes it',
  holds: 'each becomes a dead letter LOOP with the path, and nothing follows from it',
  async inject(world, { expect, note }) {
    const good = await recordOf(world, 'payments.events', 'payments.v1.ChargeSucceeded');
    const arrive = async (name, headers) => {
      const places = await world.kafka.send('payments.events', [{ ...good, headers: { ...good.headers, ...headers } }]);
      const letters = await awaitDeadLetters(world, 'fraud', places, 1);
      const [{ reason, path, handler } = {}] = letters;
      expect(letters.length === 1 && reason === 'LOOP' && path, `${name} ended as ${JSON.stringify(letters)}`);
      note(`${name}: ${reason} ${path}`);
      return handler;
    };
    const handler = await arrive('long', { ce_hops: '64' });
    const subject = createHash('sha256').update(good.headers.ce_subject).digest('hex').slice(0, 8);
    const path = Array.from({ length: REPEATS_MAX }, () => `${handler}@${subject}`).join(',');
    await arrive('round', { ce_hops: String(REPEATS_MAX), ce_path: path });
  },
};
