import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { versions } from './versions.js';

interface Service {
  image: string;
  build?: unknown;
  ports?: string[];
  volumes?: string[];
  mem_limit?: string;
  restart?: string;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const repository = join(import.meta.dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(repository, path), 'utf8');

describe('docker-compose.yml', () => {
  const compose = parse(read('docker-compose.yml'), { merge: true }) as Compose;
  const services = Object.entries(compose.services);
  const lasting = services.filter(([, service]) => service.restart === 'unless-stopped');
  const ours = lasting.filter(([, service]) => service.build);
  // Formats of the schema are the tool's own (durations, ports), which JSON Schema doesn't know.
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
    JSON.parse(read('infra/docker/compose-spec.json')) as object,
  );

  it('follows the published schema of the compose specification', () => {
    validate(compose);
    expect(validate.errors).toBeNull();
  });

  it('would be refused by that schema with a misspelt setting', () => {
    expect(validate({ services: { kafka: { imagee: 'apache/kafka:4.1.1' } } })).toBe(false);
  });

  it('pins every foreign image to a version, the same as without Docker', () => {
    const images = new Set(services.filter(([, service]) => !service.build).map(([, service]) => service.image));
    expect([...images].filter((image) => !/:v?\d+\.\d+\.\d+/.test(image))).toEqual([]);
    expect(images).toContain(`apache/kafka:${versions.kafka}`);
    expect(images).toContain(`apicurio/apicurio-registry:${versions.registry}`);
  });

  it('publishes ports on the loopback interface alone, each once', () => {
    const published = services.flatMap(([, service]) => service.ports ?? []);
    expect(published.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
    expect(published.length).toBeGreaterThan(0);
    expect(new Set(published.map((port) => port.split(':-')[0])).size).toBe(published.length);
  });

  it('checks the health of everything that keeps running, and caps its memory', () => {
    expect(
      lasting.filter(([, service]) => !service.healthcheck?.test || !service.mem_limit).map(([name]) => name),
    ).toEqual([]);
  });

  it('starts no service before the set-up is done', () => {
    const eager = ours.filter(
      ([, service]) => service.depends_on?.['setup']?.condition !== 'service_completed_successfully',
    );
    expect(eager.map(([name]) => name)).toEqual(['sandbox']); // stands for a foreign system that knows nothing of ours
  });

  it('lets no service read the secrets of another', () => {
    const mounted = ours.map(
      ([name, service]) => [name, (service.volumes ?? []).filter((volume) => volume.startsWith('secrets-'))] as const,
    );
    expect(
      mounted.filter(([name, volumes]) => volumes.some((volume) => !volume.startsWith(`secrets-${name}:`))),
    ).toEqual([]);
  });

  it('declares every volume it uses', () => {
    const used = services.flatMap(([, service]) => (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? ''));
    expect(used.filter((volume) => !volume.startsWith('./') && !(volume in compose.volumes))).toEqual([]);
  });
});

describe('the image', () => {
  it('runs the Node that the repository pins', () => {
    const manifest = JSON.parse(read('package.json')) as { devDependencies: { node: string } };
    expect(read('infra/docker/Dockerfile')).toContain(`NODE_IMAGE=node:${manifest.devDependencies.node}-`);
  });

  it('does not run as root', () => {
    const lastStage = read('infra/docker/Dockerfile')
      .split(/^FROM /m)
      .at(-1);
    expect(lastStage).toMatch(/^USER node$/m);
  });
});
