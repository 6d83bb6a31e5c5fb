import { databaseUrl } from '@towpath/cli/local/service-environment';
import { sourceFilesOf } from '@towpath/cli/local/local-sources';
import { startPlatform } from '@towpath/cli/local/platform';
import { openVault } from '@towpath/event-store/vault';
import { loadSources } from '@towpath/sources/load';
import { loadHistory } from './history.mjs';

/** The services between a webhook and its decision, and those between a decision and its effect. */
const PATH = ['cdc', 'triage', 'fraud', 'ingress'];
const EFFECTS = ['sandbox', 'egress'];
const OUTCOMES = new Set(['fraud.v1.PaymentApproved', 'fraud.v1.PaymentHeldForReview', 'fraud.v1.PaymentBlocked']);

/** Towpath with its default configuration, each service a process of its own, on the local stack. */
export class TowpathSide {
  name = 'towpath';
  topic = 'fraud.events';
  /** decisions that were fetched, by type */
  outcomes = new Map();

  static async start({ home, ports, onProgress, nodeOptions }) {
    const services = [...PATH, ...EFFECTS];
    const environment = nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions };
    const platform = await startPlatform({ home, ports, services, environment, onProgress });
    return new TowpathSide(platform);
  }

  constructor(platform) {
    this.platform = platform;
    this.stack = platform.stack;
    this.url = `${platform.service('ingress').url}/webhooks/stripe`;
    this.secret = loadSources(sourceFilesOf(platform.home)).get('stripe').credentials[0].text;
  }

  paymentOf(message) {
    const type = String(message.headers['ce_type']);
    if (!OUTCOMES.has(type)) return undefined;
    this.outcomes.set(type, (this.outcomes.get(type) ?? 0) + 1);
    return String(message.key);
  }

  async loadHistory(customers) {
    const { home } = this.platform;
    const vault = await openVault({ url: databaseUrl({ home, stack: this.stack.env }, 'fraud_service') });
    const { lookupHash } = vault;
    await vault.close();
    return loadHistory({ adminUrl: this.stack.env.ADMIN_DATABASE_URL, lookupHash, customers });
  }

  start(extraOf = () => ({})) {
    return Promise.all(PATH.map((name) => this.platform.service(name).start(extraOf(name))));
  }

  async stop() {
    await Promise.all(PATH.map((name) => this.platform.service(name).stop()));
  }

  async stopEffects() {
    await Promise.all(EFFECTS.map((name) => this.platform.service(name).stop()));
  }

  pids() {
    const services = [...this.platform.services].map(([name, { pid }]) => [name, pid]);
    return Object.fromEntries(services.filter(([, pid]) => pid !== undefined));
  }
}
