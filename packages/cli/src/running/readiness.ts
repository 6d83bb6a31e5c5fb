import type { LocalPlatform } from '../local/platform.js';

const MEMORY_BYTES_MAX = 2 * 1024 ** 3;
const DISK_BYTES_MAX = 1024 ** 3;

/** What a started platform says about itself. */
export interface Readiness {
  readonly readyAfterMs: number;
  readonly urls: Readonly<Record<string, string>>;
  /** bytes; undefined where it can't be measured */
  readonly memoryBytes: number | undefined;
  readonly memoryBytesMax: number;
  readonly diskBytes: number | undefined;
  readonly diskBytesMax: number;
}

/** Everything that answers, by name. `sources`: names of the sources that take deliveries. */
export function urlsOf({ around, services }: LocalPlatform, sources: readonly string[]): Record<string, string> {
  const { ports, stack } = around;
  const local = (port: number): string => `http://127.0.0.1:${port}`;
  return {
    ...Object.fromEntries(sources.map((name) => [`ingress (${name})`, `${local(ports.ingress)}/webhooks/${name}`])),
    kafka: stack.KAFKA_BROKERS,
    registry: stack.REGISTRY_URL,
    postgres: `postgres://towpath_reader@127.0.0.1:${ports.postgres}/towpath`,
    ...Object.fromEntries([...services].map(([name, service]) => [`${name} health`, `${service.url}/readyz`])),
    sandbox: `${local(ports.sandbox)}/sandbox/calls`,
  };
}

export function readinessOf(
  measured: Pick<Readiness, 'readyAfterMs' | 'urls' | 'memoryBytes' | 'diskBytes'>,
): Readiness {
  return { ...measured, memoryBytesMax: MEMORY_BYTES_MAX, diskBytesMax: DISK_BYTES_MAX };
}

/** The lines that people see. */
export function readinessLines(ready: Readiness): string[] {
  const width = Math.max(...Object.keys(ready.urls).map((name) => name.length));
  return [
    ...Object.entries(ready.urls).map(([name, url]) => `  ${name.padEnd(width)}  ${url}`),
    '',
    `ready after ${(ready.readyAfterMs / 1000).toFixed(1)} s, ` +
      `memory ${size(ready.memoryBytes)} of ${size(ready.memoryBytesMax)}, ` +
      `disk ${size(ready.diskBytes)} of ${size(ready.diskBytesMax)}`,
  ];
}

function size(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : `${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MiB`;
}
