import { runService } from '@towpath/service-kit/run-service';
import { CommerceModule } from './commerce.module.js';

await runService(CommerceModule);
