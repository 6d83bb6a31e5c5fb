import { runService } from '@towpath/service-kit/run-service';
import { LendingModule } from './lending.module.js';

await runService(LendingModule);
