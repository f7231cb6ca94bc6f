-- Two roles and a database, once, as a superuser: psql -v ON_ERROR_STOP=1 -f roles.sql
-- The owner of the tables migrates. The application reads and writes rows, and can neither change a table nor the history.
CREATE ROLE shop_owner LOGIN PASSWORD 'CHANGE-ME';
CREATE ROLE shop_app LOGIN PASSWORD 'CHANGE-ME-TOO';
CREATE DATABASE shop OWNER shop_owner;

\connect shop
-- What the owner creates from now on is there for the application, without a statement in every revision.
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO shop_app;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT USAGE, SELECT ON SEQUENCES TO shop_app;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE shop_owner GRANT EXECUTE ON FUNCTIONS TO shop_app;
