rem hr_code.sql: procedures and triggers of the HR sample schema

SET DEFINE OFF

REM Refuses changes outside office hours.
CREATE OR REPLACE PROCEDURE secure_dml
IS
  today VARCHAR2(3) := TO_CHAR(SYSDATE, 'DY', 'NLS_DATE_LANGUAGE=ENGLISH');
BEGIN
  IF today IN ('SAT', 'SUN')
     OR TO_CHAR(SYSDATE, 'HH24:MI') NOT BETWEEN '08:00' AND '18:00' THEN
    RAISE_APPLICATION_ERROR(-20205, 'It''s not office hours: no changes now');
  END IF;
END secure_dml;
/

CREATE OR REPLACE TRIGGER secure_employees
  BEFORE INSERT OR UPDATE OR DELETE ON employees
BEGIN
  secure_dml;
END secure_employees;
/

ALTER TRIGGER secure_employees DISABLE;

REM Keeps what an employee did until now.
CREATE OR REPLACE PROCEDURE add_job_history
  ( p_emp_id         job_history.employee_id%TYPE
  , p_start_date     job_history.start_date%TYPE
  , p_end_date       job_history.end_date%TYPE
  , p_job_id         job_history.job_id%TYPE
  , p_department_id  job_history.department_id%TYPE
  )
IS
BEGIN
  INSERT INTO job_history (employee_id, start_date, end_date, job_id, department_id)
  VALUES (p_emp_id, p_start_date, p_end_date, p_job_id, p_department_id);
END add_job_history;
/

CREATE OR REPLACE TRIGGER update_job_history
  AFTER UPDATE OF job_id, department_id ON employees
  FOR EACH ROW
BEGIN
  add_job_history(:old.employee_id, :old.hire_date, SYSDATE, :old.job_id, :old.department_id);
END;
/
