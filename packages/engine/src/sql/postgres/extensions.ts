/**
 * Extensions of PostgreSQL that contain no tables, so that no rows are dropped with them. If a column has one of their
 * types, the server refuses to drop them without CASCADE. https://www.postgresql.org/docs/current/contrib.html
 */
export const tablelessExtensions: ReadonlySet<string> = new Set(
  (
    'amcheck autoinc bloom bool_plperl bool_plperlu btree_gin btree_gist citext cube dblink dict_int dict_xsyn ' +
    'earthdistance file_fdw fuzzystrmatch hstore hstore_plperl hstore_plperlu hstore_plpython3u insert_username intagg ' +
    'intarray isn jsonb_plperl jsonb_plperlu jsonb_plpython3u lo ltree ltree_plpython3u moddatetime pageinspect ' +
    'pg_buffercache pg_freespacemap pg_logicalinspect pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility ' +
    'pg_walinspect pgcrypto pgrowlocks pgstattuple plperl plperlu plpgsql plpython3u pltcl pltclu postgres_fdw refint seg ' +
    'sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp xml2'
  ).split(' '),
)
