import { Readable } from 'node:stream';
import { schemaOf } from '@towpath/event-store/names';
import { rebuildProjection } from '@towpath/event-store/rebuild/rebuild-projection';
import { loadConfig, storeConfig } from '../config.js';
import { foldsOf } from '../folds.js';
import type { ServiceDefinition } from '../service.js';
import { projectionNamed } from './fold-lines.js';

/**
 * `rebuild NAME [--dry-run]`: builds a projection anew with the settings of the service; answers with its progress and at last with
 * `{ rebuilt }`. SIGINT or SIGTERM cancels it.
 */
export function rebuild(definition: ServiceDefinition, [name = '', flag]: readonly string[]): AsyncIterable<object> {
  const folds = foldsOf(definition);
  const projection = projectionNamed(folds, name);
  const { DATABASE_URL: url } = loadConfig(storeConfig, process.env);
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => controller.abort());
  const answers = new Readable({ objectMode: true, read: () => undefined });
  rebuildProjection({
    ...{ url, schema: schemaOf(definition.name), projection, upcasters: folds.upcasters, signal: controller.signal },
    dryRun: flag === '--dry-run',
    report: (progress) => answers.push(progress),
  }).then(
    (rebuilt) => {
      answers.push({ rebuilt });
      answers.push(null);
    },
    (error: Error) => answers.destroy(error),
  );
  return answers;
}
