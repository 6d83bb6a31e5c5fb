import type { Ports } from '@towpath/stack/ports';
import type { Surroundings } from './local/service-environment.js';
import { portsOf } from './running/up-record.js';

/** Where the parts of a home's platform answer; says nothing about whether they run. */
export interface Addresses extends Surroundings {
  readonly brokers: string[];
  readonly registryUrl: string;
}

/** The addresses of a home: its running `towpath up` decides, else the environment. */
export function addressesOf(home: string): Addresses {
  return addressesAt(home, portsOf(home));
}

export function addressesAt(home: string, ports: Ports): Addresses {
  const broker = `127.0.0.1:${ports.kafka}`;
  const registryUrl = `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`;
  return {
    home,
    ports,
    brokers: [broker],
    registryUrl,
    stack: {
      KAFKA_BROKERS: broker,
      REGISTRY_URL: registryUrl,
      // Users and passwords are put in per role.
      ADMIN_DATABASE_URL: `postgres://127.0.0.1:${ports.postgres}/towpath`,
    },
  };
}
