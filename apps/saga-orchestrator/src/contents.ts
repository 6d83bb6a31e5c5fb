import { aggregate } from '@towpath/event-store/fold';

/** Personal data of the events that began sagas, each in a stream of its own: nothing folds them, they are only opened. */
export const contents = aggregate<null>({ stream: 'saga-content', initial: null, evolve: () => null });
