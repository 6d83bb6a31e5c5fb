import { runService } from '@towpath/service-kit/run-service';
import { EgressModule } from './egress.module.js';

await runService(EgressModule);
