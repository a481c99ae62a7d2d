-- Probe objects for the reference score: one construct each, and some together.
CREATE OR REPLACE PROCEDURE q01 IS
  v NUMBER;
BEGIN
  NULL;
END;
/
CREATE OR REPLACE PROCEDURE q02 IS
  v NUMBER;
BEGIN
  SELECT id BULK COLLECT INTO v FROM t;
END;
/
CREATE OR REPLACE PROCEDURE q03 IS
  v NUMBER;
BEGIN
  FORALL i IN 1 .. 3 DELETE FROM t WHERE id = i;
END;
/
CREATE OR REPLACE PROCEDURE q04 IS
  v NUMBER;
BEGIN
  GOTO a; GOTO b;
END;
/
CREATE OR REPLACE PROCEDURE q05 IS
  v NUMBER;
BEGIN
  SAVEPOINT a; SAVEPOINT b;
END;
/
CREATE OR REPLACE PROCEDURE q06 IS
  v NUMBER;
BEGIN
  UTL_FILE.FCLOSE(f);
END;
/
CREATE OR REPLACE PROCEDURE q07 IS
  v NUMBER;
BEGIN
  CTX_DDL.SYNC_INDEX('x');
END;
/
CREATE OR REPLACE PROCEDURE q08 IS
  v NUMBER;
BEGIN
  v := DBMS_RANDOM.VALUE;
END;
/
CREATE OR REPLACE PROCEDURE q09 IS
  v NUMBER;
BEGIN
  v SYS_REFCURSOR;
END;
/
CREATE OR REPLACE PROCEDURE q10 IS
  v NUMBER;
BEGIN
  SELECT COUNT(*) INTO v FROM TABLE(l);
END;
/
CREATE OR REPLACE PROCEDURE q11 IS
  v NUMBER;
BEGIN
  TYPE l IS TABLE OF NUMBER;
END;
/
CREATE OR REPLACE PROCEDURE q12 IS
  v NUMBER;
BEGIN
  TYPE r IS RECORD (a NUMBER);
END;
/
CREATE OR REPLACE PROCEDURE q13 IS
  v NUMBER;
BEGIN
  v := SQLCODE;
END;
/
CREATE OR REPLACE PROCEDURE q14 IS
  v NUMBER;
BEGIN
  v := c%ROWCOUNT;
END;
/
CREATE OR REPLACE PROCEDURE q15 IS
  v NUMBER;
BEGIN
  IF c%ISOPEN THEN NULL; END IF;
END;
/
CREATE OR REPLACE PROCEDURE q16 IS
  v NUMBER;
BEGIN
  v := REGEXP_INSTR(a, 'x') + REGEXP_INSTR(b, 'x');
END;
/
CREATE OR REPLACE PROCEDURE q17 IS
  v NUMBER;
BEGIN
  SELECT ORA_ROWSCN INTO v FROM t;
END;
/
CREATE OR REPLACE PROCEDURE q18 IS
  v NUMBER;
BEGIN
  v := MONTHS_BETWEEN(a, b); w := NEXT_DAY(d, 'MON');
END;
/
CREATE OR REPLACE PROCEDURE q19 IS
  v NUMBER;
BEGIN
  PRAGMA AUTONOMOUS_TRANSACTION;
END;
/
CREATE OR REPLACE PROCEDURE q20 IS
  v NUMBER;
BEGIN
  SELECT 1 INTO v FROM t WHERE CONTAINS(a, 'x') > 0;
END;
/
CREATE OR REPLACE PROCEDURE q21 IS
  v NUMBER;
BEGIN
  v ANYDATA;
END;
/
CREATE OR REPLACE PROCEDURE q22 IS
  v NUMBER;
BEGIN
  v := 'a' || b || c;
END;
/
CREATE OR REPLACE PROCEDURE q23 IS
  v NUMBER;
BEGIN
  v := TO_CHAR(d, 'SSSSS');
END;
/
CREATE OR REPLACE PROCEDURE q24 IS
  v NUMBER;
BEGIN
  v := HEXTORAW('A'); w := RAWTOHEX(b);
END;
/
CREATE OR REPLACE PROCEDURE q25 IS
  v NUMBER;
BEGIN
  v := SYS_CONTEXT('APP', 'X');
END;
/
CREATE OR REPLACE PROCEDURE q26 IS
  v NUMBER;
BEGIN
  v := EXISTSNODE(x, '/a');
END;
/
CREATE OR REPLACE PROCEDURE q27 IS
  v NUMBER;
BEGIN
  NULL; EXCEPTION WHEN OTHERS THEN NULL;
END;
/
CREATE OR REPLACE PROCEDURE q28 IS
  v NUMBER;
BEGIN
  SELECT 1 INTO v FROM a, b WHERE a.id = b.id(+) AND ROWNUM = 1;
END;
/
CREATE OR REPLACE PROCEDURE q29 IS
  v NUMBER;
BEGIN
  SELECT 1 INTO v FROM t CONNECT BY PRIOR id = up;
END;
/
CREATE OR REPLACE PROCEDURE q30 IS
  v NUMBER;
BEGIN
  COMMIT;
END;
/
CREATE OR REPLACE PROCEDURE q31 IS
  v NUMBER;
BEGIN
  SELECT 1 INTO v FROM emp@hq;
END;
/
CREATE OR REPLACE PROCEDURE q32 IS
  v NUMBER;
BEGIN
  HTP.P('x');
END;
/
CREATE OR REPLACE PROCEDURE q33 IS
  v NUMBER;
BEGIN
  v := DECOMPOSE(a); w := COMPOSE(b);
END;
/
CREATE OR REPLACE PROCEDURE q34 IS
  v NUMBER;
BEGIN
  v := NUMTODSINTERVAL(1, 'DAY');
END;
/
CREATE OR REPLACE PROCEDURE q35 IS
  v NUMBER;
BEGIN
  DBMS_OUTPUT.PUT_LINE('x');
END;
/
CREATE OR REPLACE PROCEDURE q36 IS
  v NUMBER;
BEGIN
  v := TRUNC(d);
END;
/
CREATE OR REPLACE PROCEDURE q37 IS
  v NUMBER;
BEGIN
  v := 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx';
END;
/
CREATE OR REPLACE PROCEDURE q38 IS
  v NUMBER;
BEGIN
  SELECT 1 INTO v FROM a, b WHERE a.id = b.id(+) AND ROWNUM = 1 CONNECT BY PRIOR a.id = a.up; EXCEPTION WHEN OTHERS THEN v := DECODE(p, 1, 2);
END;
/
