import { Permanent } from '@towpath/service-kit/permanent';

/** A command about a lead that nobody has: closed, waiting, or never there. */
export function leadNotOpen(contactId: string): Permanent {
  return new Permanent('LEAD_NOT_OPEN', `${contactId} is no lead that somebody has; its story is in \`towpath trace\``);
}
