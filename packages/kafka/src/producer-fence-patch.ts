import { createRequire } from 'node:module';

/** What kafkajs makes of a producer's id, epoch and sequence numbers. */
interface ProducerState {
  isTransactional(): boolean;
}

interface StateOptions {
  readonly transactional: boolean;
  readonly transactionalId?: string;
}

type CreateState = (options: StateOptions) => ProducerState;

const require = createRequire(import.meta.url);
const PRODUCER_STATE = 'kafkajs/src/producer/eosManager/index.js';

/**
 * Lets a producer without transactions carry a transactional id. Whoever asks for that id next gets the same producer id
 * with a higher epoch, and from its first write to a partition on the brokers refuse there what still comes with a lower
 * one, in a transaction or not. kafkajs asks with the id only within transactions, each of which costs 300 ms (K1).
 */
function patchProducerState(): void {
  const original = require(PRODUCER_STATE) as CreateState;
  require.cache[require.resolve(PRODUCER_STATE)]!.exports = (options: StateOptions): ProducerState => {
    if (options.transactional || options.transactionalId === undefined) return original(options);
    return Object.assign(original({ ...options, transactional: true }), { isTransactional: () => false });
  };
}

patchProducerState();
