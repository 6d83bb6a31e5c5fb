import { runService } from '@towpath/service-kit/run-service';
import { GrowthModule } from './growth.module.js';

await runService(GrowthModule);
