/** The file of a plain TypeORM migration. */
export function migration(name: string, up: readonly string[], down: readonly string[]): Record<string, string> {
  const method = (statements: readonly string[]): string =>
    statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)});`).join(' ')
  return {
    [`${name}.js`]: `module.exports = class ${name} {
  async up(queryRunner) { ${method(up)} }
  async down(queryRunner) { ${method(down)} }
}`,
  }
}
