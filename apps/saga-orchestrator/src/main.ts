import { runService } from '@towpath/service-kit/run-service';
import { SagaOrchestratorModule } from './saga-orchestrator.module.js';

await runService(SagaOrchestratorModule);
