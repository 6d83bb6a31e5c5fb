import { runService } from '@towpath/service-kit/run-service';
import { IngressModule } from './ingress.module.js';

await runService(IngressModule);
