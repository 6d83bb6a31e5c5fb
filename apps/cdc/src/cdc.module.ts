import { Service } from '@towpath/service-kit/service';
import { relayConfig } from './config.js';
import { PublishEvents } from './publish-events.js';

/** The relay: every committed event of every store goes to its topic. */
@Service({ name: 'cdc', config: relayConfig, providers: [PublishEvents] })
export class CdcModule {}
