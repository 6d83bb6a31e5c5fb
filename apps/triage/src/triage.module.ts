import { Service } from '@towpath/service-kit/service';
import { RouteDelivery } from './route-delivery.handler.js';

@Service({ name: 'triage', handlers: [RouteDelivery] })
export class TriageModule {}
