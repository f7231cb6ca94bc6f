import { Migrator } from '@aludel/engine'
import { Inject, type InjectionToken } from '@nestjs/common'

/** The name by which `@nestjs/typeorm` knows a DataSource that was given none. */
export const defaultName = 'default'

/** The options of one `AludelModule`; each is a module of its own, so one token serves all. */
export const optionsToken = Symbol('AludelModuleOptions')

/**
 * The token of what starts with the application; it is not exported, since it decides when a run begins and ends.
 *
 * @param name of the DataSource
 */
export function startUpToken(name: string = defaultName): string {
  return `${name}AludelStartUp`
}

/**
 * The injection token of the `Migrator` of a DataSource.
 *
 * @param name of the DataSource; default: the class `Migrator`, which is the token of the default DataSource
 * @example
 * const migrator = app.get<Migrator>(getMigratorToken('audit'))
 */
export function getMigratorToken(name: string = defaultName): InjectionToken<Migrator> {
  return name === defaultName ? Migrator : `${name}Migrator`
}

/**
 * Injects the `Migrator` of a DataSource that has a name. That of the default DataSource is injected by its class.
 *
 * @example
 * constructor(
 *   private readonly migrator: Migrator,
 *   \@InjectMigrator('audit') private readonly auditMigrator: Migrator,
 * ) {}
 */
export function InjectMigrator(name: string = defaultName): PropertyDecorator & ParameterDecorator {
  return Inject(getMigratorToken(name))
}
