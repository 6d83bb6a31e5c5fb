import { LeadAssigned } from '@towpath/contracts/growth/LeadAssigned.v1';
import { LeadClosed } from '@towpath/contracts/growth/LeadClosed.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';

/** How many leads a rep has. */
export interface RepLoad {
  readonly open: number;
}

export const repLoads = projection<RepLoad>({
  name: 'rep_loads',
  keysOf: (event) => {
    if (isOf(LeadAssigned, event)) {
      const { rep, previousRep } = event.data;
      return previousRep === null ? [rep] : [rep, previousRep];
    }
    return isOf(LeadClosed, event) && event.data.rep !== null ? [event.data.rep] : [];
  },
  evolve: (row = { open: 0 }, event, key) => {
    const gets = isOf(LeadAssigned, event) && event.data.rep === key;
    return { open: Math.max(0, row.open + (gets ? 1 : -1)) };
  },
});
