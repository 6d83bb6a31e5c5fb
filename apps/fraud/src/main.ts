import { runService } from '@towpath/service-kit/run-service';
import { FraudModule } from './fraud.module.js';

await runService(FraudModule);
