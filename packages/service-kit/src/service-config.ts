import { services } from '@towpath/contracts/topics';
import type { z } from 'zod';
import { baseConfig, storeConfig } from './config.js';
import type { ServiceDefinition } from './service.js';

/** Every setting of a service: the kit's, those of its store when it has one, and its own. */
export function settingsOf({ name, config }: ServiceDefinition): z.ZodObject {
  const known = services().find((service) => service.name === name);
  let schema: z.ZodObject = baseConfig.extend(known?.store ? storeConfig.shape : {});
  if (config) schema = schema.extend(config.shape);
  return schema;
}
