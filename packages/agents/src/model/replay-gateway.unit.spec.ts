import { recordOf } from './exchange-record.js';
import { failureOf, GatewayWorld, question, RIGHT } from './gateway.fixture.js';
import { isFallbackCause } from './model-error.js';
import type { ModelExchange } from './model-exchange.js';
import type { ModelGateway } from './model-gateway.js';
import { openModelGateway } from './open-gateway.js';

let world: GatewayWorld;
beforeEach(async () => {
  world = await GatewayWorld.start();
});
afterEach(() => world.stop());

function replaying(exchanges: readonly ModelExchange[], settings = {}): Promise<ModelGateway> {
  const config = world.config({ MODEL_MODE: 'replay', ...settings });
  return openModelGateway({ config, budgets: world.budgets, record: recordOf(exchanges) });
}

describe('a replay', () => {
  it('gives the recorded answers word for word, with the recorded figures, and asks nobody', async () => {
    const live = await world.gateway();
    const first = await live.complete(question());
    const requests = world.model.requests;
    world.model.behave('error');
    // As a journal keeps it: plain JSON.
    const replay = await replaying(JSON.parse(JSON.stringify(world.exchanges)) as ModelExchange[]);
    const again = await replay.complete(question());
    expect(again).toEqual({ ...first, value: RIGHT });
    expect(world.model.requests).toBe(requests);
  });

  it('fails as it failed then', async () => {
    const live = await world.gateway({ MODEL_ATTEMPTS_MAX: '1' });
    world.model.behave('error');
    const then = await failureOf(live.complete(question()));
    const now = await failureOf((await replaying(world.exchanges)).complete(question()));
    expect([now.code, now.detail]).toEqual([then.code, then.detail]);
  });

  it.each([
    ['instructions.text', question({ instructions: { version: '1', text: 'Judge it kindly.' } })],
    ['parts[0].text', question({ parts: [{ label: 'payment', text: 'EUR 13', taint: 'provider', source: 'evt_1' }] })],
    ['parts[1]', question({ parts: [...question().parts, { label: 'more', text: 'x', taint: 'own' }] })],
    ['outputTokensMax', question({ limits: { runCostMicrosMax: 1, outputTokensMax: 5 } })],
  ])('that asks something else names the first field that differs: %s', async (field, asked) => {
    await (await world.gateway()).complete(question());
    const error = await failureOf((await replaying(world.exchanges)).complete(asked));
    expect([error.code, isFallbackCause(error)]).toEqual(['MODEL_REPLAY_MISS', false]);
    expect(error.detail).toContain(`: ${field} differs`);
    expect(world.model.requests).toBe(1);
  });

  it('with another model misses by the model, and of an unknown run says so', async () => {
    await (await world.gateway()).complete(question());
    const other = await replaying(world.exchanges, { OPENAI_MODEL: 'gpt-4o' });
    expect((await failureOf(other.complete(question()))).detail).toContain(': model differs');
    const unknown = (await replaying(world.exchanges)).complete(question({ runId: 'run-9' }));
    expect((await failureOf(unknown)).detail).toBe('the record holds no exchange of run run-9');
  });
});
