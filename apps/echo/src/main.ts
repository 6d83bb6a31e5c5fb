import { runService } from '@towpath/service-kit/run-service';
import { EchoModule } from './echo.module.js';

await runService(EchoModule);
