rem hr.sql: the HR sample schema, whole
rem
rem Run it as the owner of the schema (the user is made beforehand):
rem     sqlplus hr@service @hr.sql

SET ECHO OFF
SET FEEDBACK OFF
SET DEFINE OFF
WHENEVER SQLERROR EXIT FAILURE ROLLBACK

PROMPT HR: tables, keys, sequences, indexes, comments, view
@@hr_tables.sql

PROMPT HR: rows
@@hr_data

PROMPT HR: procedures and triggers
@@hr_code

PROMPT HR: done
