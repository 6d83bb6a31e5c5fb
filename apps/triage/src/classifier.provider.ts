import type { Provider } from '@nestjs/common';
import { LOGGER, type Logger } from '@towpath/service-kit/logger';
import { CONFIG } from '@towpath/service-kit/platform';
import { loadModel } from './classifier/model-file.js';
import { trainModel } from './classifier/train.js';
import type { TriageConfig } from './config.js';
import { productExamples } from './intents/taxonomy.js';
import type { Classifier } from './triage-message.decider.js';

/** Injection token of the classifier of tickets. */
export const CLASSIFIER = Symbol('CLASSIFIER');

/** The team's model, or the product's own, learned at start: its few examples take less time than reading a file of weights. */
export const classifier: Provider = {
  provide: CLASSIFIER,
  inject: [CONFIG, LOGGER],
  useFactory: (config: TriageConfig, logger: Pick<Logger, 'info'>): Classifier => {
    const model = config.TRIAGE_MODEL_FILE
      ? loadModel(config.TRIAGE_MODEL_FILE)
      : trainModel(productExamples(), { name: 'product' });
    logger.info({ model: model.version, intents: model.intents.length }, 'classifier.ready');
    return model;
  },
};
