import { ProvisionAccount } from '@towpath/contracts/accounts/ProvisionAccount.v1';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { aggregate, isOf, type Aggregate } from '@towpath/event-store/fold';

/** What was asked of egress under one key: the ids of the commands, oldest first, each with what it was for. */
export interface Asked {
  readonly commands: readonly { readonly id: string; readonly what: string }[];
}

/** The commands that this service appended are themselves the record of what it asked for. */
function asked<C extends Contract>(
  contract: C,
  whatOf: (data: DataOf<C>) => string = () => contract.name,
): Aggregate<Asked> {
  return aggregate<Asked>({
    stream: contract.stream,
    initial: { commands: [] },
    evolve: (state, event) => {
      if (!isOf(contract as Contract, event)) return state;
      const command = { id: event.id, what: whatOf(event.data as DataOf<C>) };
      return { commands: [...state.commands, command].slice(-COMMANDS_MAX) };
    },
  });
}

const COMMANDS_MAX = 50;

export const mailsAsked = asked(SendMail);
export const noticesAsked = asked(PostNotice);
export const workspacesAsked = asked(ProvisionAccount);
/** what a contact was put into the CRM as: lead or customer */
export const contactsAsked = asked(UpsertContact, ({ stage }) => stage);
