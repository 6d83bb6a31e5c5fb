import { createServiceHandler, service } from '@restatedev/restate-sdk';
import { connect } from '@restatedev/restate-sdk-clients';
import { answer } from '../agents/answer.mjs';
import { startRestate } from './restate-server.mjs';

/** Restate: a handler of two steps in this process. */
export async function open({ folder }) {
  const twoSteps = service({
    name: 'bench',
    handlers: {
      decide: createServiceHandler({}, async (context, input) => {
        const found = await context.run('look', () => ({ orders: input.n % 7 }));
        return context.run('decide', () => answer(input, found));
      }),
    },
  });
  const { url, close } = await startRestate({ folder, services: [twoSteps] });
  const client = connect({ url }).serviceClient({ name: 'bench' });
  return { run: (input) => client.decide(input), close };
}
