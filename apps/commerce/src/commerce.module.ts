import { Service } from '@towpath/service-kit/service';

/** Owns orders and inventory. */
@Service({ name: 'commerce' })
export class CommerceModule {}
