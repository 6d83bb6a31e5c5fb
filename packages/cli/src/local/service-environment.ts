import { join } from 'node:path';
import type { Ports } from '@towpath/stack/ports';
import { secret } from '@towpath/stack/secrets';

/** A program of the platform on this machine. */
export interface LocalService {
  readonly name: 'sandbox' | 'cdc' | 'triage' | 'fraud' | 'egress' | 'ingress';
  /** role it connects to Postgres with; undefined when it has no database */
  readonly role?: string;
}

/** In the order they are started: whoever is called before whoever calls. */
export const localServices: readonly LocalService[] = [
  { name: 'sandbox' },
  { name: 'cdc', role: 'cdc_service' },
  { name: 'triage', role: 'triage_service' },
  { name: 'fraud', role: 'fraud_service' },
  { name: 'egress', role: 'egress_service' },
  { name: 'ingress' },
];

export interface Surroundings {
  readonly home: string;
  readonly ports: Ports;
  readonly stack: {
    readonly KAFKA_BROKERS: string;
    readonly REGISTRY_URL: string;
    readonly ADMIN_DATABASE_URL: string;
  };
  /** what the caller sets or overrides, such as STRIPE_API_KEY_FILE */
  readonly extra?: NodeJS.ProcessEnv;
}

/** Settings that reach a service from the caller's environment; nothing else does. */
const PASSED_ON = ['PATH', 'LANG', 'TZ', 'LOG_LEVEL'];

/** Egress alone holds the key that moves money. */
const PASSED_TO_EGRESS = ['STRIPE_API_KEY', 'STRIPE_API_KEY_FILE', 'STRIPE_READ_KEY', 'STRIPE_READ_KEY_FILE'];

/** For `PlatformOptions.environment`: effects stay on this machine, whatever keys the caller's environment holds. */
export const SANDBOX_ONLY: NodeJS.ProcessEnv = { STRIPE_API_KEY: '', STRIPE_API_KEY_FILE: '' };

/** The environment of one service: addresses, its own database role, and nothing of the others'. */
export function environmentOf(service: LocalService, around: Surroundings): NodeJS.ProcessEnv {
  const { home, ports, stack, extra } = around;
  return {
    ...passed(PASSED_ON),
    NODE_ENV: 'production',
    // Messages of a busy second die young: with room for them the collector has less to copy. The room is taken only under load.
    NODE_OPTIONS: '--max-semi-space-size=64',
    KAFKA_BROKERS: stack.KAFKA_BROKERS,
    REGISTRY_URL: stack.REGISTRY_URL,
    TOWPATH_HOME: home,
    HOST: '127.0.0.1',
    PORT: String(ports[service.name]),
    SOURCES_FILE: join(home, 'config', 'sources.yaml'),
    SECRETS_DIR: join(home, 'secrets', 'sources'),
    ...(service.role && { DATABASE_URL: databaseUrl(around, service.role) }),
    ...(service.name === 'egress' && { STRIPE_HOST: `http://127.0.0.1:${ports.sandbox}`, ...passed(PASSED_TO_EGRESS) }),
    ...extra,
  };
}

function passed(names: readonly string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** The platform's database as `role` sees it. */
export function databaseUrl({ home, stack }: Pick<Surroundings, 'home' | 'stack'>, role: string): string {
  const url = new URL(stack.ADMIN_DATABASE_URL);
  url.username = role;
  url.password = passwordOf(home, role);
  return url.href;
}

/** The password of a role, made on first use and kept in the home's secrets. */
export function passwordOf(home: string, role: string): string {
  return secret(home, `postgres-${role}`);
}
