import { runService } from '@towpath/service-kit/run-service';
import { ConsoleModule } from './console.module.js';

await runService(ConsoleModule);
