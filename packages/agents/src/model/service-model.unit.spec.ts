import { loadConfig } from '@towpath/service-kit/config';
import type { BreakerLog } from '@towpath/service-kit/breakers/breaker-log';
import type { Logger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { z } from 'zod';
import { modelConfig } from './model-config.js';
import { serviceModel } from './service-model.js';

const logger = { info: () => undefined } as unknown as Logger;
const log = { stop: () => Promise.resolve() } as unknown as BreakerLog;

/** As a service gets it: the settings read by the kit from the environment, empty ones being unset. */
async function modeWith(environment: NodeJS.ProcessEnv) {
  const schema = modelConfig.extend({ DATABASE_URL: z.string() });
  const config = loadConfig(schema, { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', ...environment });
  const model = await serviceModel(config, undefined as never, undefined as never, new Metrics('spec'), logger, log);
  await model.beforeApplicationShutdown?.();
  return model.mode;
}

describe('the model of a service', () => {
  it.each([
    ['off', {}],
    ['off', { OPENAI_API_KEY: '', OPENAI_BASE_URL: '' }],
    ['live', { OPENAI_API_KEY: 'key' }],
    ['live', { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1', MODEL_STREAM: 'true' }],
    ['off', { OPENAI_API_KEY: 'key', MODEL_MODE: 'off' }],
    ['replay', { OPENAI_API_KEY: 'key', MODEL_MODE: 'replay' }],
    // A replay is by the settings of now, and these name no model.
    ['off', { MODEL_MODE: 'replay' }],
  ])('is %s with %j', async (mode, environment) => {
    expect(await modeWith(environment)).toBe(mode);
  });
});
