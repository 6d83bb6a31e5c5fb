import { Service } from '@towpath/service-kit/service';

/** Runs every saga: sends its commands, hears its replies, and undoes what was done. */
@Service({ name: 'saga-orchestrator' })
export class SagaOrchestratorModule {}
