import { runService } from '@towpath/service-kit/run-service';
import { CdcModule } from './cdc.module.js';

await runService(CdcModule);
