import { join } from 'node:path';
import { agentKeyFile, agentPublicKeysFile } from '@towpath/stack/agent-keys';
import type { Ports } from '@towpath/stack/ports';
import { secret } from '@towpath/stack/secrets';

/** A program of the platform on this machine. */
export interface LocalService {
  readonly name:
    | ('sandbox' | 'cdc' | 'triage' | 'fraud' | 'support' | 'lending' | 'egress' | 'ingress' | 'console')
    | ('saga-orchestrator' | 'commerce' | 'growth');
  /** role it connects to Postgres with; undefined when it has no database */
  readonly role?: string;
  /** its agents act under keys of their own and may ask a model */
  readonly hasAgents?: true;
}

/** In the order they are started: whoever is called before whoever calls. */
export const localServices: readonly LocalService[] = [
  { name: 'sandbox' },
  { name: 'cdc', role: 'cdc_service' },
  { name: 'triage', role: 'triage_service' },
  { name: 'fraud', role: 'fraud_service', hasAgents: true },
  { name: 'support', role: 'support_service', hasAgents: true },
  { name: 'lending', role: 'lending_service', hasAgents: true },
  { name: 'commerce', role: 'commerce_service' },
  { name: 'growth', role: 'growth_service', hasAgents: true },
  { name: 'saga-orchestrator', role: 'saga_orchestrator_service' },
  { name: 'egress', role: 'egress_service' },
  { name: 'ingress' },
  { name: 'console', role: 'console_service' },
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
/** OpenTelemetry's standard variables: where spans go, and which. */
const TRACING = /^OTEL_(EXPORTER_OTLP|TRACES|SDK|RESOURCE)_/;

/** Settings of those whose agents may ask a model, and the key to it; nobody else's. */
const MODEL = /^(OPENAI|MODEL)_/;

/** Egress alone holds what lets it act at a third party. */
const PASSED_TO_EGRESS =
  /^(STRIPE_(API|READ)_KEY|(ZENDESK|INTERCOM|GITHUB|SLACK|SMTP|CREDIT|HOOK|CARRIER|GATEWAY|CRM|ACCOUNTS|PAGER)_[A-Z_]+|EGRESS_DRY_RUN)(_FILE)?$/;

const PASSED_TO_TRIAGE = ['TRIAGE_MODEL_FILE', 'TRIAGE_BOT_AUTHORS'];

const CHECKPOINT_KEY = 'checkpoint-key';

/** For `PlatformOptions.environment`: effects and questions stay on this machine, whatever keys the caller's environment holds. */
export const SANDBOX_ONLY: NodeJS.ProcessEnv = {
  TOWPATH_EFFECTS: 'sandbox',
  STRIPE_API_KEY: '',
  STRIPE_API_KEY_FILE: '',
  OPENAI_API_KEY: '',
  OPENAI_API_KEY_FILE: '',
  OPENAI_BASE_URL: '',
};

/** The environment of one service: addresses, its own database role, and nothing of the others'. */
export function environmentOf(service: LocalService, around: Surroundings): NodeJS.ProcessEnv {
  const { home, ports, stack, extra } = around;
  return {
    ...passed(PASSED_ON),
    ...passed(Object.keys(process.env).filter((name) => TRACING.test(name))),
    NODE_ENV: 'production',
    // Messages of a busy second die young: with room for them the collector has less to copy. The room is taken only under load.
    // The bounds keep the resident memory below 512 MiB, also while a topic is read again whole. Three semi-spaces count for the
    // collector: with 64 MiB each and an old generation of 176 it collected everything without end (ADR 48).
    NODE_OPTIONS: '--max-semi-space-size=32 --max-old-space-size=224',
    KAFKA_BROKERS: stack.KAFKA_BROKERS,
    REGISTRY_URL: stack.REGISTRY_URL,
    TOWPATH_HOME: home,
    HOST: '127.0.0.1',
    PORT: String(ports[service.name]),
    SOURCES_FILE: join(home, 'config', 'sources.yaml'),
    SECRETS_DIR: join(home, 'secrets', 'sources'),
    ...(service.role && {
      DATABASE_URL: databaseUrl(around, service.role),
      AGENT_PUBLIC_KEYS_FILE: agentPublicKeysFile(home),
    }),
    ...(service.hasAgents && {
      AGENT_KEY_FILE: agentKeyFile(home, service.name),
      ...passed(Object.keys(process.env).filter((name) => MODEL.test(name))),
    }),
    ...(service.name === 'cdc' && {
      ARCHIVIST_DATABASE_URL: databaseUrl(around, 'towpath_archivist'),
      ARCHIVE_DIR: archiveFolder(home),
      CHECKPOINT_KEY_FILE: join(home, 'secrets', CHECKPOINT_KEY),
    }),
    ...((service.name === 'egress' || service.name === 'ingress') && { STORY_KEY: secret(home, 'provider-story') }),
    ...(service.name === 'egress' && thirdParties(around)),
    ...(service.name === 'triage' && passed(PASSED_TO_TRIAGE)),
    ...(service.name === 'sandbox' && { SMTP_PORT: String(ports.smtp), SANDBOX_HOOK_SECRET: hookSecret(home) }),
    ...(service.name === 'console' && {
      INGRESS_URL: `http://127.0.0.1:${ports.ingress}`,
      TOKENS_FILE: join(home, 'config', 'tokens.yaml'),
    }),
    ...extra,
  };
}

/** The sandbox stands in for each third party that the caller's environment does not name. */
function thirdParties({ home, ports, extra }: Surroundings): NodeJS.ProcessEnv {
  const sandbox = `http://127.0.0.1:${ports.sandbox}`;
  const partner = { url: `${sandbox}/hooks/partner`, secrets: [hookSecret(home)] };
  const isSandboxOnly = extra?.['TOWPATH_EFFECTS'] === SANDBOX_ONLY['TOWPATH_EFFECTS'];
  const named = isSandboxOnly ? [] : Object.keys(process.env).filter((name) => PASSED_TO_EGRESS.test(name));
  return {
    STRIPE_HOST: sandbox,
    SANDBOX_URL: sandbox,
    SMTP_URL: `smtp://127.0.0.1:${ports.smtp}`,
    ...(!named.includes('HOOK_ENDPOINTS_FILE') && { HOOK_ENDPOINTS: JSON.stringify({ partner }) }),
    ...passed(named),
  };
}

/** Signs webhooks to the sandbox's partner. */
function hookSecret(home: string): string {
  return `whsec_${Buffer.from(secret(home, 'hook-partner', 32), 'hex').toString('base64')}`;
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

/** What left the stores of a home's platform. */
export function archiveFolder(home: string): string {
  return join(home, 'archive');
}

/** The secret of the key that signs checkpoints, made on first use; the relay reads the same file. */
export function checkpointSeedOf(home: string): string {
  return secret(home, CHECKPOINT_KEY, 32);
}

/** The password of a role, made on first use and kept in the home's secrets. */
export function passwordOf(home: string, role: string): string {
  return secret(home, `postgres-${role}`);
}
