import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, fetchPart, maven } from '../downloads.js';
import { versions } from '../versions.js';
import { javaCommand, javaOptions, minimalEnvironment } from './java.js';
import type { Part, Place } from './part.js';

/** Apicurio Registry; it keeps the schemas in Kafka and answers on the Confluent-compatible path. */
export const registry: Part = {
  name: 'registry',
  listens: ['registry'],
  stopSignals: ['SIGTERM'],

  async fetch(place) {
    await fetchPart(place.parts, `registry-${versions.registry}`, async (folder) => {
      const artifact = `io.apicurio:apicurio-registry-app:${versions.registry}:tar.gz:all`;
      await maven(folder, 'copy', [`-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
      const archive = join(folder, `apicurio-registry-app-${versions.registry}-all.tar.gz`);
      await command('tar', ['-xzf', archive, '-C', folder], folder);
      rmSync(archive);
    });
  },

  async prepare(place) {
    const folder = join(place.parts, `registry-${versions.registry}`);
    const jar = readdirSync(folder).find((name) => name.endsWith('-runner.jar')) ?? 'missing-runner.jar';
    const memory = [
      '-Xms32m',
      '-Xmx256m',
      '-Xss512k',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-XX:ReservedCodeCacheSize=48m',
    ];
    return {
      command: javaCommand(),
      arguments: [...memory, ...javaOptions(place), '-jar', join(folder, jar)],
      environment: minimalEnvironment(settings(place)),
      cwd: place.home,
    };
  },

  async isReady(place) {
    try {
      const response = await fetch(`http://127.0.0.1:${place.ports.registry}/apis/ccompat/v7/subjects`, {
        signal: AbortSignal.timeout(2000),
      });
      return response.ok;
    } catch {
      return false; // not listening yet
    }
  },
};

function settings({ ports }: Place): Record<string, string> {
  return {
    QUARKUS_HTTP_HOST: '127.0.0.1',
    QUARKUS_HTTP_PORT: String(ports.registry),
    QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
    APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT: '500',
    QUARKUS_OTEL_SDK_DISABLED: 'true',
    QUARKUS_LOG_LEVEL: 'WARN',
    APICURIO_LOG_LEVEL: 'WARN',
    APICURIO_STORAGE_KIND: 'kafkasql',
    APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: `127.0.0.1:${ports.kafka}`,
  };
}
