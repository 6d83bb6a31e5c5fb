import { Service } from '@towpath/service-kit/service';
import { RecoveryModule } from './recovery/recovery.module.js';

/** Owns orders and inventory, and what becomes of declined payments. */
@Service({ name: 'commerce', imports: [RecoveryModule] })
export class CommerceModule {}
