import { runService } from '@towpath/service-kit/run-service';
import { TriageModule } from './triage.module.js';

await runService(TriageModule);
