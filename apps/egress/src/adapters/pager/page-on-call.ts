import { PageOnCall } from '@towpath/contracts/pages/PageOnCall.v1';
import { listAt, textAt } from '../../answer.js';
import { httpTool, type Read } from '../../http-adapter.js';
import type { PagerSettings } from './pager.adapter.js';

/** PagerDuty cuts longer ones. */
const TITLE_CHARS_MAX = 250;

/** An incident (developer.pagerduty.com, Create an Incident). One of the same page, open or not, is not opened again. */
export const pageOnCall = httpTool<typeof PageOnCall, PagerSettings>({
  command: PageOnCall,
  subjectType: 'page',
  target: ({ pageId }) => ({ subjectId: pageId, accountId: pageId }),
  locate: async ({ data }, read) => {
    const incident = await incidentOf(data.pageId, read);
    return incident === undefined ? { kind: 'absent' } : { kind: 'settled', reference: incident };
  },
  request: ({ data, settings, effect }) => ({
    method: 'POST',
    path: '/incidents',
    headers: { 'idempotency-key': effect.idempotencyKey },
    body: {
      incident: {
        type: 'incident',
        title: data.summary.slice(0, TITLE_CHARS_MAX),
        service: { id: settings.PAGER_SERVICE_ID, type: 'service_reference' },
        urgency: data.severity === 'critical' || data.severity === 'error' ? 'high' : 'low',
        incident_key: data.pageId,
        body: { type: 'incident_body', details: detailsOf(data) },
      },
    },
  }),
  reference: ({ json }) => textAt(json, 'incident', 'id'),
  probe: async ({ data }, read) => {
    const incident = await incidentOf(data.pageId, read);
    if (incident !== undefined) return { kind: 'done', reference: incident };
    return { kind: 'not-done', detail: `no incident of ${data.pageId}` };
  },
});

async function incidentOf(pageId: string, read: Read): Promise<string | undefined> {
  const query = new URLSearchParams({ incident_key: pageId, limit: '1', date_range: 'all' });
  const { json } = await read(`/incidents?${query.toString()}`);
  return textAt(listAt(json, 'incidents')[0], 'id');
}

function detailsOf({ severity, subjectType, subjectId, details }: PageOnCall): string {
  return [`${severity}: ${subjectType} ${subjectId}`, ...(details === null ? [] : [details])].join('\n');
}
