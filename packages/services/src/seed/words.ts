// cspell:ignore Nakamura Amina Diallo Briain Wird behoben

/** What the rows are about. Names and texts have characters of several scripts, so that encodings are tested as well. */

export const workflowTypes = [
  ['validation', 60],
  ['enhancement', 20],
  ['threat-analysis', 15],
  ['import', 5],
] as const

export const people = [
  'Ana Duarte',
  'Jörg Weiß',
  'Zoë Nakamura',
  '佐藤 由美',
  'Łukasz Żak',
  'Amina Diallo',
  'Seán Ó Briain',
  'Дарья Орлова',
] as const

export const agents = ['linter', 'link-checker', 'enhancer', 'fact-checker'] as const

export const areas = ['guides', 'reference', 'tutorials', 'concepts', 'release-notes'] as const

export const topics = [
  'getting-started',
  'authentication',
  'webhooks',
  'rate-limits',
  'pagination',
  'error-codes',
  'migration',
  'über-uns',
  'troubleshooting',
  'architecture',
] as const

/** A rule, its message, and its severity. */
export const rules = [
  ['MD001', 'heading levels increase by one level at a time', 'low'],
  ['MD009', 'trailing spaces', 'low'],
  ['MD034', 'bare URL', 'low'],
  ['LINK404', 'the target of the link does not exist', 'high'],
  ['CODE100', 'the example does not compile', 'critical'],
  ['TERM010', 'a term is used in two meanings', 'medium'],
  ['STYLE20', 'the sentence has more than 40 words', 'low'],
  ['FACT300', 'the claim has no source', 'medium'],
] as const

/** A type of recommendation, and its title. */
export const recommendations = [
  ['link', 'Mend the link'],
  ['structure', 'Split the section'],
  ['wording', 'Shorten the sentence'],
  ['example', 'Correct the example'],
  ['source', 'Name the source'],
  ['term', 'Use one term'],
] as const

export const methods = ['outline', 'links', 'terms', 'summary', 'embeddings'] as const

/** A metric, its typical value, and how far it scatters. */
export const metrics = [
  ['validation.duration_ms', 420, 380],
  ['validation.issues', 3, 3],
  ['llm.latency_ms', 1800, 1500],
  ['llm.tokens', 2400, 2000],
  ['cache.hit_ratio', 0.7, 0.29],
  ['queue.depth', 12, 12],
  ['workflow.step_ms', 950, 800],
] as const

export const threats = [
  'Replay attack',
  'Spoofing of diagnostic messages',
  'Denial of service on the bus',
  'Manipulation of firmware',
  'Disclosure of keys',
] as const

export const failures = [
  'the model did not answer in time',
  'the file was changed while it was read',
  'the quota of tokens is used up',
] as const

export const justifications = [
  'Freshness counter in place.',
  'The interface is only reachable in the workshop.',
  'Signature is verified at boot; see the report.',
  'Residual risk is within the agreed limits.',
  'Wird mit dem nächsten Release behoben.',
] as const
