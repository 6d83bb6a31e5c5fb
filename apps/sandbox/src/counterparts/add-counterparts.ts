import type { FastifyInstance } from 'fastify';
import type { Behaviours, Counterpart } from '../behaviour.js';
import type { CallRing } from '../call-ring.js';
import type { SandboxConfig } from '../config.js';
import { addAccounts } from './accounts.js';
import { Acts } from './acts.js';
import { addBureau } from './bureau.js';
import { addCarrier } from './carrier.js';
import { CounterpartRoutes } from './counterpart-routes.js';
import { addCrm } from './crm.js';
import { addGateway } from './gateway.js';
import { addGithub } from './github.js';
import { addHookReceiver } from './hook-receiver.js';
import { addIntercom } from './intercom.js';
import { addPager } from './pager.js';
import { addSlack } from './slack.js';
import { addZendesk } from './zendesk.js';

export interface CounterpartOptions {
  readonly config: Pick<SandboxConfig, 'TOWPATH_HOME' | 'SANDBOX_HOOK_SECRET'>;
  readonly behaviours: Behaviours;
  readonly calls: CallRing;
}

/** Adds everybody that the sandbox stands in for beside Stripe, each below a path of its name. */
export async function addCounterparts(
  app: FastifyInstance,
  { config, behaviours, calls }: CounterpartOptions,
): Promise<Acts> {
  const acts = await Acts.open(config.TOWPATH_HOME, behaviours);
  const routes = (provider: Counterpart) => new CounterpartRoutes(app, acts, calls, provider);
  addZendesk(routes('zendesk'), acts);
  addIntercom(routes('intercom'), acts);
  addGithub(routes('github'), acts);
  addSlack(routes('slack'), acts);
  addBureau(routes('bureau'), app, acts);
  addCarrier(routes('carrier'), acts);
  addGateway(routes('gateway'), acts);
  addCrm(routes('crm'), acts);
  addAccounts(routes('accounts'), acts);
  addPager(routes('pager'), acts);
  addHookReceiver(routes('hooks'), config.SANDBOX_HOOK_SECRET);
  app.get('/sandbox/acts', async (request) => {
    const { provider } = request.query as { provider?: string };
    return { acts: acts.recent(provider) };
  });
  app.addHook('onClose', () => acts.close());
  return acts;
}
