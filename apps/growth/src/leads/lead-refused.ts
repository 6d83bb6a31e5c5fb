import { Permanent } from '@towpath/service-kit/permanent';

/** A command about a lead that nobody has: closed, waiting, or never there. */
export function leadNotOpen(contactId: string): Permanent {
  return new Permanent('LEAD_NOT_OPEN', `${contactId} is no lead that somebody has; its story is in \`towpath trace\``);
}

/** Two people who both believe that they have a lead both write to it. */
export function leadTaken(contactId: string, by: string): Permanent {
  return new Permanent('LEAD_TAKEN', `${contactId} is with ${by} already`);
}
