import { Service } from '@towpath/service-kit/service';
import { KeepStores } from './keep-stores.js';
import { relayConfig } from './config.js';
import { PublishEvents } from './publish-events.js';

/** The relay: every committed event of every store goes to its topic, and what was kept long enough leaves the store. */
@Service({ name: 'cdc', config: relayConfig, providers: [PublishEvents, KeepStores] })
export class CdcModule {}
