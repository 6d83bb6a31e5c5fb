import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
export const ALERTS_FILE = join(root, 'infra', 'prometheus', 'alerts.yml');
const DASHBOARDS = join(root, 'infra', 'grafana', 'dashboards');

export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface RuleFile {
  readonly groups: { readonly name: string; readonly rules: Alert[] }[];
}

/** A query and where it stands. */
export interface Query {
  readonly where: string;
  readonly query: string;
  /** the labels that the text beside it shows */
  readonly shown: readonly string[];
}

export function ruleFile(): RuleFile {
  return parse(readFileSync(ALERTS_FILE, 'utf8')) as RuleFile;
}

export function alerts(): Alert[] {
  return ruleFile().groups.flatMap(({ rules }) => rules);
}

/** Every query of the alerts and the dashboards. */
export function queries(): Query[] {
  const ofAlerts = alerts().map(({ alert, expr, annotations }) => {
    return {
      where: `alert ${alert}`,
      query: expr,
      shown: namesIn(annotations['description'] ?? '', /\$labels\.(\w+)/g),
    };
  });
  return [...ofAlerts, ...readdirSync(DASHBOARDS).flatMap(panelQueries)];
}

function panelQueries(file: string): Query[] {
  const { panels } = JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8')) as { panels: Panel[] };
  return panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => {
      return { where: `${file}, ${title}`, query: expr, shown: namesIn(legendFormat, /\{\{(\w+)\}\}/g) };
    }),
  );
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name]) => name!);
}
