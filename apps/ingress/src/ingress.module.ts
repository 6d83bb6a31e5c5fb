import { Service } from '@towpath/service-kit/service';
import { ingressConfig } from './config.js';
import { IngressService } from './ingress.service.js';

/** Takes signed deliveries over HTTP and publishes those that verify. */
@Service({ name: 'ingress', config: ingressConfig, providers: [IngressService] })
export class IngressModule {}
