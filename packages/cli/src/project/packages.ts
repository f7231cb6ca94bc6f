import { AludelError, findPackage, installLine } from '@aludel/engine'

/** Packages that the command line uses if they are installed. */
export type OptionalPackage = '@aludel/models' | '@aludel/migrations' | '@aludel/services' | '@aludel/web'

/**
 * @param what needs it, for the message: `"shipped": true`
 * @throws AludelError `ALUDEL_PACKAGE` if the package is not installed where this command line finds it
 */
export function requirePackage(name: OptionalPackage, what: string, cwd: string): void {
  if (findPackage(name, __dirname) === undefined) throw packageMissing(name, what, cwd)
}

export function packageMissing(name: OptionalPackage, what: string, cwd: string): AludelError {
  const install = installLine(name, cwd)
  return new AludelError('ALUDEL_PACKAGE', `${what} needs the package ${name}, which is not installed`, {
    help: `Install it: ${install}`,
    details: { package: name, install },
  })
}
