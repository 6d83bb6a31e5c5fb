import { OUT_OF_SCOPE, type Example } from '../classifier/example.js';
import type { Queue } from '../queues.js';
import { account } from './account.js';
import { billing } from './billing.js';
import { fraud } from './fraud.js';
import { general } from './general.js';
import type { IntentExamples } from './intent-examples.js';
import { outOfScope } from './out-of-scope.js';
import { technical } from './technical.js';

const INTENTS: Readonly<Record<Queue, IntentExamples>> = { billing, technical, account, fraud, general };

/** What the product's own model learns from. Teams train on their own messages: see `docs/how-to/classification.md`. */
export function productExamples(): Example[] {
  const known = Object.entries(INTENTS).flatMap(([queue, intents]) =>
    Object.entries(intents).flatMap(([intent, texts]) => texts.map((text): Example => ({ text, intent, queue }))),
  );
  return [...known, ...outOfScope.map((text): Example => ({ text, intent: OUT_OF_SCOPE }))];
}
