import { form, formWith, type Group } from '../form'

const stop = `CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'`
const trigger = `${stop}; CREATE TRIGGER t BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION stop()`
const policy = 'CREATE POLICY p ON items USING (quantity > 0)'
const rule = 'CREATE RULE r AS ON DELETE TO items DO ALSO NOTHING'

export const programs: Group = {
  title: 'Triggers, policies, rules, publications',
  forms: [
    formWith(stop, 'create a trigger', 'CREATE TRIGGER t BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION stop()'),
    formWith(
      stop,
      'create a constraint trigger',
      'CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION stop()',
    ),
    formWith(
      stop,
      'create a constraint trigger that names another table',
      'CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON items FROM owners FOR EACH ROW EXECUTE FUNCTION stop()',
    ),
    formWith(
      trigger,
      'replace a trigger',
      'CREATE OR REPLACE TRIGGER t BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION stop()',
      { since: 14 },
    ),
    formWith(trigger, 'rename a trigger', 'ALTER TRIGGER t ON items RENAME TO u'),
    formWith(trigger, 'drop a trigger', 'DROP TRIGGER t ON items'),
    formWith(
      trigger,
      'replace the function of a trigger',
      `CREATE OR REPLACE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    ),
    formWith(trigger, 'drop the function of a trigger, with CASCADE', 'DROP FUNCTION stop() CASCADE'),
    form('create a function', stop),
    formWith(stop, 'rename a function', 'ALTER FUNCTION stop() RENAME TO halt'),
    formWith(stop, 'drop a function that nothing uses', 'DROP FUNCTION stop()'),
    form('create a policy', policy),
    formWith(policy, 'change a policy', 'ALTER POLICY p ON items USING (quantity > 1)'),
    formWith(policy, 'rename a policy', 'ALTER POLICY p ON items RENAME TO q'),
    formWith(policy, 'drop a policy', 'DROP POLICY p ON items'),
    form('create a rule', rule),
    formWith(rule, 'replace a rule', 'CREATE OR REPLACE RULE r AS ON DELETE TO items DO INSTEAD NOTHING'),
    formWith(rule, 'rename a rule', 'ALTER RULE r ON items RENAME TO s'),
    formWith(rule, 'drop a rule', 'DROP RULE r ON items'),
    form('create a publication', 'CREATE PUBLICATION aludel_forms FOR TABLE items'),
    formWith(
      'CREATE PUBLICATION aludel_forms_1 FOR TABLE owners',
      'add a table to a publication',
      'ALTER PUBLICATION aludel_forms_1 ADD TABLE items',
    ),
    formWith(
      'CREATE PUBLICATION aludel_forms_2 FOR TABLE items, owners',
      'take a table from a publication',
      'ALTER PUBLICATION aludel_forms_2 DROP TABLE items',
    ),
    formWith(
      'CREATE PUBLICATION aludel_forms_3 FOR TABLE items',
      'drop a publication',
      'DROP PUBLICATION aludel_forms_3',
    ),
  ],
}
