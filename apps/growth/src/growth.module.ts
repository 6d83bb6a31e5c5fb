import { Service } from '@towpath/service-kit/service';

/** Reacts to customers who sign up, ask or buy. */
@Service({ name: 'growth' })
export class GrowthModule {}
