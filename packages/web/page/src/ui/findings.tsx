import { countsOf, placeOf, severityWord, sizeOf, sorted } from '../model/findings'
import type { Finding, Shared } from '../model/findings'
import { sentence } from '../model/format'
import { Code, sqlText } from './code'
import { Prose } from './failure'
import type { IconName } from './icon'
import { Tag } from './parts'
import type { Tone } from './parts'

const looks: Record<Finding['severity'], { readonly tone: Tone | undefined; readonly icon: IconName }> = {
  error: { tone: 'red', icon: 'crossCircle' },
  warning: { tone: 'amber', icon: 'warning' },
  info: { tone: undefined, icon: 'info' },
}

/**
 * What `lint` has found: what happens, what to do, and the corrected statements.
 *
 * @param of what it was found in, which tells the statements of several lists apart
 * @param shared what all of them have in common, and is not told of each
 */
export function Findings({ findings, of, shared }: { findings: readonly Finding[]; of: string; shared?: Shared }) {
  return (
    <ul class="findings">
      {sorted(findings).map((finding, index) => (
        <li key={index} class={`finding finding--${finding.severity}`}>
          <FindingBody finding={finding} label={`Instead, finding ${String(index + 1)} of ${of}`} shared={shared} />
        </li>
      ))}
    </ul>
  )
}

function FindingBody({ finding, label, shared }: { finding: Finding; label: string; shared: Shared | undefined }) {
  const { severity, rule, message, help, instead = [] } = finding
  const { tone, icon } = looks[severity]
  const place = placeOf(finding, shared)
  const size = sizeOf(finding)
  return (
    <>
      <p class="finding__head">
        <Tag tone={tone} icon={icon}>
          {severityWord(severity)}
        </Tag>
        <code class="finding__rule">{rule}</code>
        {place !== '' && <span class="finding__place">{place}</span>}
      </p>
      <p class="finding__message">
        {sentence(message)}
        {size !== undefined && <span class="finding__size"> ({size})</span>}
      </p>
      <p class="finding__help">
        <Prose text={help} />
      </p>
      {instead.length > 0 && (
        <>
          <p class="finding__instead">Write instead</p>
          <Code text={sqlText(instead)} language="sql" label={label} />
        </>
      )}
    </>
  )
}

/** How many errors and warnings there are, for the head of something. */
export function FindingTags({ findings }: { findings: readonly Finding[] }) {
  return (
    <>
      {countsOf(findings)
        .filter(({ severity }) => severity !== 'info')
        .map(({ severity, text }) => (
          <Tag key={severity} tone={looks[severity].tone} icon={looks[severity].icon}>
            {text}
          </Tag>
        ))}
    </>
  )
}
