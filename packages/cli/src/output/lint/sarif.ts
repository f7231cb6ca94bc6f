import { type LintFinding, type LintResult, type LintRuleInfo, type Severity, toolVersion } from '@aludel/engine'

import { stallText } from '../does'

const levels: Readonly<Record<Severity | 'off', 'error' | 'warning' | 'note' | 'none'>> = {
  error: 'error',
  warning: 'warning',
  info: 'note',
  off: 'none',
}

/**
 * Findings as a SARIF 2.1.0 log, for code scanning.
 *
 * @param rules all rules of the project
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function sarifOf({ findings }: LintResult, rules: readonly LintRuleInfo[]): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'aludel',
            version: toolVersion,
            rules: rules.map(({ rule, id, about, category, severity }) => ({
              id: rule,
              name: rule,
              shortDescription: { text: about },
              defaultConfiguration: { level: levels[severity], enabled: severity !== 'off' },
              properties: { tags: [category], number: id },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map((finding) => resultOf(finding, rules)),
      },
    ],
  }
}

function resultOf(finding: LintFinding, rules: readonly LintRuleInfo[]): object {
  const { rule, severity, path, line, message, help, instead = [], revision, direction, dialects, stall } = finding
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex((one) => one.rule === rule),
    level: levels[severity],
    message: { text: [message, ...stallText(stall), help, ...instead].join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(path), uriBaseId: '%SRCROOT%' },
          region: { startLine: line ?? 1 },
        },
      },
    ],
    properties: { revision, direction, dialects, ...(stall !== undefined && { stall }) },
  }
}
