import { Inject, Injectable } from '@nestjs/common';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import type { Desk } from './qualify.js';
import { loadTeam } from './reps-file.js';
import type { Team } from './team.js';

/** The team of sales as it is while this process runs. */
@Injectable()
export class SalesDesk implements Desk {
  readonly team: Team;
  readonly salesChannel: string;

  constructor(@Inject(CONFIG) config: Pick<GrowthConfig, 'GROWTH_REPS_FILE' | 'GROWTH_SALES_CHANNEL'>) {
    this.team = loadTeam(config.GROWTH_REPS_FILE);
    this.salesChannel = config.GROWTH_SALES_CHANNEL;
  }
}
