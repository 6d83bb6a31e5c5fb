import { Service } from '@towpath/service-kit/service';
import { charges } from './charge.js';
import { classifier } from './classifier.provider.js';
import { triageConfig } from './config.js';
import { deliveries } from './delivery.js';
import { EraseSubjectHandler } from './erase-subject.handler.js';
import { outcomes } from './outcomes.js';
import { RouteDelivery } from './route-delivery.handler.js';
import { tickets } from './ticket.js';

@Service({
  name: 'triage',
  handlers: [RouteDelivery, EraseSubjectHandler],
  aggregates: [deliveries, charges, tickets],
  config: triageConfig,
  outcomes,
  providers: [classifier],
})
export class TriageModule {}
