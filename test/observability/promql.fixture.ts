import { parser } from '@prometheus-io/lezer-promql';

/** A metric that a query asks for, and the labels by which it picks, groups or joins it. */
export interface AskedMetric {
  readonly metric: string;
  readonly labels: readonly string[];
  /** the result has none of its labels but those it is grouped by */
  readonly isAggregated: boolean;
}

type Node = ReturnType<ReturnType<typeof parser.parse>['cursor']>['node'];

/** Everything that a query names. Throws when it is no PromQL. */
export function askedIn(query: string): AskedMetric[] {
  const tree = parser.parse(query);
  const text = (node: Node): string => query.slice(node.from, node.to);
  const asked: AskedMetric[] = [];
  const visit = (node: Node, around: readonly string[], isAggregated: boolean): void => {
    if (node.type.isError) throw new Error(`PROMQL_INVALID: at ${node.from} of ${query}`);
    if (node.name === 'VectorSelector') {
      const metric = node.getChild('Identifier');
      const own = labelsUnder(node, text);
      asked.push({ metric: metric ? text(metric) : '', labels: [...own, ...around], isAggregated });
      return;
    }
    const here = [...around, ...groupingOf(node, text)];
    for (let child = node.firstChild; child; child = child.nextSibling)
      visit(child, here, isAggregated || node.name === 'AggregateExpr');
  };
  visit(tree.topNode, [], false);
  return asked;
}

/** What an aggregation groups by, and what a comparison of two vectors joins on: labels of everything inside. */
function groupingOf(node: Node, text: (node: Node) => string): string[] {
  if (node.name !== 'AggregateExpr' && node.name !== 'BinaryExpr') return [];
  const modifier = node.getChild('AggregateModifier') ?? node.getChild('MatchingModifierClause');
  return modifier ? labelsUnder(modifier, text) : [];
}

function labelsUnder(node: Node, text: (node: Node) => string): string[] {
  if (node.name === 'LabelName') return [text(node)];
  const found: string[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) found.push(...labelsUnder(child, text));
  return found;
}
