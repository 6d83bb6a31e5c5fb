import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { textAt } from '../../answer.js';
import { httpTool } from '../../http-adapter.js';
import type { CrmSettings } from './crm.adapter.js';

const CONTACTS = '/crm/v3/objects/contacts';

/** A contact as it is now, found by its address (developers.hubspot.com, Contacts, Batch upsert). */
export const upsertAtCrm = httpTool<typeof UpsertContact, CrmSettings>({
  command: UpsertContact,
  subjectType: 'contact',
  target: ({ contactId }) => ({ subjectId: contactId, accountId: contactId }),
  request: ({ data, effect }) => ({
    method: 'POST',
    path: `${CONTACTS}/batch/upsert`,
    headers: { 'idempotency-key': effect.idempotencyKey },
    body: { inputs: [{ idProperty: 'email', id: data.email, properties: propertiesOf(data, effect.effectId) }] },
  }),
  reference: ({ json }) => textAt(json, 'results', 0, 'id'),
  probe: async ({ data, effect }, read) => {
    const query = new URLSearchParams({ idProperty: 'email', properties: 'towpath_effect_id' });
    const path = `${CONTACTS}/${encodeURIComponent(data.email)}?${query.toString()}`;
    const { status, json } = await read(path, { orMissing: true });
    if (status === 404) return { kind: 'not-done', detail: 'no contact has the address' };
    if (textAt(json, 'properties', 'towpath_effect_id') === effect.effectId)
      return { kind: 'done', reference: textAt(json, 'id') ?? effect.effectId };
    return { kind: 'not-done', detail: 'the contact does not carry the effect' };
  },
});

/** HubSpot's own names, and those beginning with `towpath_`, which the account has to define. */
function propertiesOf(data: UpsertContact, effectId: string): Readonly<Record<string, string>> {
  const known = {
    email: data.email,
    ...namesIn(data.name),
    company: data.company,
    lifecyclestage: data.stage,
    hs_lead_source: data.source,
    towpath_lead_score: data.score === null ? null : String(data.score),
    towpath_owner: data.owner,
    towpath_contact_id: data.contactId,
    towpath_effect_id: effectId,
  };
  return Object.fromEntries(Object.entries(known).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

function namesIn(name: string | null): { readonly firstname: string | null; readonly lastname: string | null } {
  const [first = null, ...rest] = name?.trim().split(/\s+/) ?? [];
  return { firstname: first, lastname: rest.length === 0 ? null : rest.join(' ') };
}
