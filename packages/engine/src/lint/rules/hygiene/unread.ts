/** Reasons why the statements of a revision are not known, which a rule of its own reports. */

const entities =
  /^line (\d+) (?:(uses|calls) (\S*?\bmanager\b\S*|\S*\b[gG]et(?:Tree|Mongo|Custom)?Repository\b\S*)|(uses) ([A-Z]\w*))$/

const builtIn = new Set(
  'Array BigInt Boolean Buffer Date Error Intl JSON Map Math Number Object Promise RegExp Set String'.split(' '),
)

/** What a revision uses of the code of the application: `uses queryRunner.manager`; undefined if it is something else. */
export function entityUse(unread: string): { readonly line: string; readonly what: string } | undefined {
  const [, line = '', verb = '', object = '', , name] = entities.exec(unread) ?? []
  if (line === '' || (name !== undefined && builtIn.has(name))) return undefined
  return { line, what: name === undefined ? `${verb} ${object}` : `uses ${name}` }
}

/** A downgrade that throws: its author has declared that there is no way back. */
export function throwsInstead(unread: string): boolean {
  return /^line \d+ throws an error$/.test(unread)
}

/** A method that the class does not have, or inherits. */
export function isMissing(unread: string): boolean {
  return /^(?:up|down)\(\) is not written/.test(unread)
}
