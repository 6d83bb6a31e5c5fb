import { runService } from '@towpath/service-kit/run-service';
import { SupportModule } from './support.module.js';

await runService(SupportModule);
