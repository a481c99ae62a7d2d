-- Something of everything that a report can show.
CREATE TABLE dept (id NUMBER(4) PRIMARY KEY, name VARCHAR2(30) NOT NULL, place MDSYS.SDO_GEOMETRY);
CREATE TABLE emp (
  id NUMBER(9) PRIMARY KEY,
  name VARCHAR2(40),
  pay NUMBER,
  hired TIMESTAMP(9),
  seen TIMESTAMP WITH TIME ZONE,
  cv CLOB,
  dept NUMBER(4) REFERENCES dept,
  "USER" VARCHAR2(30) DEFAULT ON NULL 'x',
  CONSTRAINT pay_check CHECK (pay > 0) DISABLE
);
CREATE TABLE log_of_things (at DATE, text VARCHAR2(4000)); CREATE TABLE "<script>alert('&')</script>" (a DATE);
CREATE INDEX log_index ON log_of_things (text);
CREATE BITMAP INDEX emp_dept ON emp (dept);
CREATE SEQUENCE emp_seq;
CREATE VIEW rich_people AS
SELECT e.name, d.name dept FROM emp e, dept d
WHERE e.dept = d.id(+) AND ROWNUM < 10;
CREATE VIEW odd AS SELECT id FROM emp MODEL DIMENSION BY (id) MEASURES (pay) RULES (pay[1] = 2);
CREATE OR REPLACE PACKAGE people AS
  PROCEDURE raise_pay(who NUMBER);
END;
/
CREATE OR REPLACE PACKAGE BODY people AS
  PROCEDURE raise_pay(who NUMBER) IS
    PRAGMA AUTONOMOUS_TRANSACTION;
  BEGIN
    EXECUTE IMMEDIATE 'UPDATE emp SET pay = pay + 1 WHERE id = :1' USING who;
    DBMS_OUTPUT.PUT_LINE('<b>done</b> & "quoted"');
    COMMIT;
  EXCEPTION
    WHEN OTHERS THEN ROLLBACK;
  END;
END;
/
CREATE OR REPLACE TRIGGER emp_bi BEFORE INSERT ON emp FOR EACH ROW
BEGIN
  :NEW.id := emp_seq.NEXTVAL;
  people.raise_pay(1);
END;
/
CREATE PROCEDURE hidden WRAPPED
a000000
abcd
/
CREATE TABLE unreadable (a NUMBER,);
CREATE DATABASE LINK hq CONNECT TO a IDENTIFIED BY tiger USING 'hq';
GRANT SELECT ON emp TO clerk;
