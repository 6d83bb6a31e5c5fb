import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { repository } from '../repository.js';
import { localServices } from './service-environment.js';

describe('a service in Docker', () => {
  it('has a key for its agents exactly where it has one without Docker', () => {
    const compose = parse(readFileSync(join(repository, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
      readonly services: Readonly<Record<string, { readonly environment?: Readonly<Record<string, string>> }>>;
    };
    const withKey = Object.keys(compose.services).filter((name) => compose.services[name]?.environment?.AGENT_KEY_FILE);
    const local = localServices.filter(({ hasAgents }) => hasAgents).map(({ name }) => name);
    expect(withKey.toSorted()).toEqual(local.toSorted());
  });
});
